import { Bursts, burstMs, type Tone, toneRank } from './bursts.ts';

/*
 * Which burst starts when, on the audio clock (seconds of AudioContext.currentTime).
 *
 * The plan reaches minutes ahead because a hidden tab's timers may be throttled to one a minute or frozen; what is
 * already on the audio clock sounds regardless (B4). It is computed anew on every change and replaces what it finds.
 */

/** Something that has to be heard from `fromS` on, until it is acknowledged. `fromS` may lie ahead (a silence ends). */
export interface Sounding {
  readonly key: string;
  readonly tone: Tone;
  readonly fromS: number;
}

export interface PlannedBurst {
  readonly tone: Tone;
  readonly atS: number;
  readonly endS: number;
  readonly keys: readonly string[];
}

export interface PlanInput {
  readonly nowS: number;
  readonly horizonS: number;
  readonly sounding: readonly Sounding[];
  /** The burst that started last, whether it still sounds or not. */
  readonly last: PlannedBurst | null;
  /** Low alarms that have had their one burst. */
  readonly sounded: ReadonlySet<string>;
}

/** Nodes cannot be scheduled into the past; this is the time the browser needs. */
export const LeadS = 0.05;
/** A storm restarts the burst for each newcomer; faster than this it would be a buzz, slower would break the 1 s of A1. */
export const RestartS = 0.8;

export function planBursts(input: PlanInput): PlannedBurst[] {
  const { nowS, horizonS, last } = input;
  const sounded = new Set(input.sounded);
  const audible = () =>
    input.sounding.filter((item) => Bursts[item.tone].repeatAfterMs !== null || !sounded.has(item.key));
  const plan: PlannedBurst[] = [];

  let atS = firstStart(nowS + LeadS, last, audible());
  while (atS < nowS + horizonS) {
    const present = audible().filter((item) => item.fromS <= atS);
    const tone = highest(present);
    const overrideS = earliest(
      audible(),
      (item) => item.fromS > atS && (tone === null || toneRank(item.tone) < toneRank(tone)),
    );
    if (tone === null) {
      if (overrideS === null) break;
      atS = overrideS;
      continue;
    }
    const endS = atS + burstMs(Bursts[tone]) / 1000;
    // A burst that a higher priority would cut off is not begun: bursts never overlap (A2).
    if (overrideS !== null && overrideS < endS) {
      atS = overrideS;
      continue;
    }
    const keys = present.filter((item) => item.tone === tone).map((item) => item.key);
    plan.push({ tone, atS, endS, keys });
    const { repeatAfterMs } = Bursts[tone];
    if (repeatAfterMs === null) for (const key of keys) sounded.add(key);
    const nextS = endS + (repeatAfterMs ?? 1_000) / 1000;
    atS = overrideS !== null && overrideS < nextS ? overrideS : nextS;
  }
  return plan;
}

/** When the next burst may start, given what sounded last. */
function firstStart(earliestS: number, last: PlannedBurst | null, audible: readonly Sounding[]): number {
  if (last === null) return earliestS;
  const tone = highest(audible.filter((item) => item.fromS <= earliestS));
  if (tone === null || tone !== last.tone) return earliestS;
  const unheard = audible.some(
    (item) => item.tone === tone && item.fromS <= earliestS && item.fromS > last.atS && !last.keys.includes(item.key),
  );
  if (unheard) return Math.max(earliestS, last.atS + RestartS);
  const repeatS = Math.max(earliestS, last.endS + (Bursts[tone].repeatAfterMs ?? 1_000) / 1000);
  // What is more urgent and due before the repeat does not wait for it.
  const overrideS = earliest(audible, (item) => item.fromS > earliestS && toneRank(item.tone) < toneRank(tone));
  return overrideS === null ? repeatS : Math.min(repeatS, overrideS);
}

function highest(items: readonly Sounding[]): Tone | null {
  let tone: Tone | null = null;
  for (const item of items) if (tone === null || toneRank(item.tone) < toneRank(tone)) tone = item.tone;
  return tone;
}

function earliest(items: readonly Sounding[], where: (item: Sounding) => boolean): number | null {
  let atS: number | null = null;
  for (const item of items) if (where(item) && (atS === null || item.fromS < atS)) atS = item.fromS;
  return atS;
}
