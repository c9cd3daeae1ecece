import type { Alarm } from '../data/alarms.ts';
import { annunciationKey, isUnacknowledged } from './order.ts';

/** Silence covers only what the operator had on the screen, for a short and visible time (A6). */
export interface Silence {
  readonly keys: ReadonlySet<string>;
  readonly untilMs: number;
}

export const SilenceSecondsMax = 120;

/** The sound that says the hub is out of reach is silenced like an alarm. */
export const linkLostKey = (sinceMs: number): string => `link@${sinceMs}`;

export function silenceNow(alarms: Iterable<Alarm>, extraKeys: Iterable<string>, nowMs: number): Silence {
  const keys = new Set(extraKeys);
  for (const alarm of alarms) if (isUnacknowledged(alarm)) keys.add(annunciationKey(alarm));
  return { keys, untilMs: nowMs + SilenceSecondsMax * 1000 };
}

/** When the sound named by `key` may be heard again; in the past when it is not silenced. */
export const silencedUntilMs = (silence: Silence | null, key: string): number =>
  silence?.keys.has(key) ? silence.untilMs : Number.NEGATIVE_INFINITY;

export const silenceSecondsLeft = (silence: Silence | null, nowMs: number): number =>
  silence === null ? 0 : Math.max(0, Math.ceil((silence.untilMs - nowMs) / 1000));
