import { type Burst, burstMs, pulsesOf } from './bursts.ts';

const HarmonicsDb = [0, -3, -6, -9, -12];
const RiseShare = 0.15;
/** The harmonics may add up to a peak; below full scale nothing clips. */
const Headroom = 0.9;

const gainOf = (db: number) => 10 ** (db / 20);
const harmonicGains = HarmonicsDb.map(gainOf);
const harmonicSum = harmonicGains.reduce((sum, gain) => sum + gain, 0);

/** One whole burst as samples, so that a burst is one node on the audio clock and cannot come apart. */
export function renderBurst(burst: Burst, sampleRate: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(Math.ceil((burstMs(burst) / 1000) * sampleRate));
  const level = (gainOf(burst.levelDb) * Headroom) / harmonicSum;
  for (const pulse of pulsesOf(burst)) {
    const start = Math.round((pulse.atMs / 1000) * sampleRate);
    const length = Math.round((pulse.durationMs / 1000) * sampleRate);
    for (let i = 0; i < length && start + i < samples.length; i++) {
      samples[start + i] = level * envelope(i / length) * tone(burst.fundamentalHz, i / sampleRate);
    }
  }
  return samples;
}

/** Rises over the first 15 % of the pulse and falls over the last, so that no pulse clicks. */
function envelope(share: number): number {
  return Math.min(1, share / RiseShare, (1 - share) / RiseShare);
}

function tone(fundamentalHz: number, seconds: number): number {
  let sum = 0;
  for (const [index, gain] of harmonicGains.entries())
    sum += gain * Math.sin(2 * Math.PI * fundamentalHz * (index + 1) * seconds);
  return sum;
}
