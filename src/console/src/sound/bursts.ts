/*
 * The sounds, after the published restatements of IEC 60601-1-8 ("IEC-style"; no compliance is claimed).
 * `lost` is CareHub's own: the hub is out of reach, so silence would look like health.
 */

export type Tone = 'critical' | 'lost' | 'high' | 'medium' | 'low' | 'test';

export interface Burst {
  readonly pulseMs: number;
  /** The silence after each pulse but the last. */
  readonly gapsMs: readonly number[];
  /** The silence between two bursts; null when it sounds once. */
  readonly repeatAfterMs: number | null;
  readonly levelDb: number;
  readonly fundamentalHz: number;
}

const high: Burst = { pulseMs: 200, gapsMs: [200, 200], repeatAfterMs: 15_000, levelDb: -4, fundamentalHz: 523 };

export const Bursts: Readonly<Record<Tone, Burst>> = {
  critical: {
    pulseMs: 150,
    gapsMs: [100, 100, 350, 100, 600, 100, 100, 350, 100],
    repeatAfterMs: 5_000,
    levelDb: 0,
    fundamentalHz: 523,
  },
  // Two long low pulses: not to be taken for any alarm of a resident.
  lost: { pulseMs: 500, gapsMs: [300], repeatAfterMs: 10_000, levelDb: -4, fundamentalHz: 392 },
  high,
  medium: high,
  low: { pulseMs: 200, gapsMs: [], repeatAfterMs: null, levelDb: -8, fundamentalHz: 523 },
  // What the operator confirms at the start of a shift. The lowest rank: an alarm that sounds is a test as well.
  test: { ...high, repeatAfterMs: null },
};

const order: Readonly<Record<Tone, number>> = { critical: 0, lost: 1, high: 2, medium: 3, low: 4, test: 5 };

export const toneRank = (tone: Tone): number => order[tone];

export interface Pulse {
  readonly atMs: number;
  readonly durationMs: number;
}

export function pulsesOf(burst: Burst): Pulse[] {
  const pulses: Pulse[] = [{ atMs: 0, durationMs: burst.pulseMs }];
  let atMs = burst.pulseMs;
  for (const gapMs of burst.gapsMs) {
    atMs += gapMs;
    pulses.push({ atMs, durationMs: burst.pulseMs });
    atMs += burst.pulseMs;
  }
  return pulses;
}

export const burstMs = (burst: Burst): number =>
  burst.pulseMs * (burst.gapsMs.length + 1) + burst.gapsMs.reduce((sum, gapMs) => sum + gapMs, 0);
