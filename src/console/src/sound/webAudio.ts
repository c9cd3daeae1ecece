import type { AudioOutput } from './annunciator.ts';
import { Bursts, type Tone } from './bursts.ts';
import { renderBurst } from './waveform.ts';

const CutS = 0.02;

/** The one AudioContext of a shift. It is created by a click, because a browser stays mute until then (B1). */
export class WebAudioOutput implements AudioOutput {
  readonly context: AudioContext;
  private readonly buffers = new Map<Tone, AudioBuffer>();

  constructor(context: AudioContext) {
    this.context = context;
  }

  nowS(): number {
    return this.context.currentTime;
  }

  play(tone: Tone, atS: number): { cancel(): void } {
    const source = new AudioBufferSourceNode(this.context, { buffer: this.bufferOf(tone) });
    const gain = new GainNode(this.context);
    source.connect(gain).connect(this.context.destination);
    source.start(atS);
    return {
      cancel: () => {
        // A short fade instead of a cut: a click in the loudspeaker is a sound nobody planned.
        const nowS = this.context.currentTime;
        gain.gain.setValueAtTime(1, nowS);
        gain.gain.linearRampToValueAtTime(0, nowS + CutS);
        source.stop(nowS < atS ? 0 : nowS + CutS);
      },
    };
  }

  private bufferOf(tone: Tone): AudioBuffer {
    const known = this.buffers.get(tone);
    if (known) return known;
    const samples = renderBurst(Bursts[tone], this.context.sampleRate);
    const buffer = new AudioBuffer({ length: samples.length, sampleRate: this.context.sampleRate });
    buffer.copyToChannel(samples, 0);
    this.buffers.set(tone, buffer);
    return buffer;
  }
}
