import type { Page } from 'playwright-core';

export interface PlayedSound {
  /** Seconds of the audio clock. */
  at: number;
  duration: number;
  scheduledAt: number;
  stoppedAt: number | null;
}

declare global {
  interface Window {
    playedSounds: PlayedSound[];
    audioContexts: AudioContext[];
  }
}

/** Runs in the page: writes down what is put on the audio clock, without the console knowing. */
export function recordSound(): void {
  window.playedSounds = [];
  window.audioContexts = [];
  const Context = window.AudioContext;
  window.AudioContext = class extends Context {
    constructor(options?: AudioContextOptions) {
      super(options);
      window.audioContexts.push(this);
    }
  };
  const records = new WeakMap<AudioScheduledSourceNode, PlayedSound>();
  const { start } = AudioBufferSourceNode.prototype;
  const { stop } = AudioScheduledSourceNode.prototype;
  AudioBufferSourceNode.prototype.start = function (when = 0) {
    const sound = {
      at: when,
      duration: this.buffer?.duration ?? 0,
      scheduledAt: this.context.currentTime,
      stoppedAt: null,
    };
    records.set(this, sound);
    window.playedSounds.push(sound);
    start.call(this, when);
  };
  AudioScheduledSourceNode.prototype.stop = function (when = 0) {
    const sound = records.get(this);
    if (sound) sound.stoppedAt = Math.max(when, this.context.currentTime);
    stop.call(this, when);
  };
}

export const BurstSeconds = { critical: 3.4, high: 1.0, low: 0.2, lost: 1.3 };

/** What has been heard or is going to be, leaving out what was taken back before it began. */
export async function soundsOf(page: Page): Promise<{ now: number; sounds: PlayedSound[] }> {
  return page.evaluate(() => ({
    now: window.audioContexts.at(-1)?.currentTime ?? 0,
    sounds: window.playedSounds
      .filter(({ at, stoppedAt }) => stoppedAt === null || stoppedAt > at)
      .sort((a, b) => a.at - b.at),
  }));
}

export const ofLength = (sounds: PlayedSound[], seconds: number) =>
  sounds.filter(({ duration }) => Math.abs(duration - seconds) < 0.01);
