import { Bursts, type Tone } from './bursts.ts';
import { type PlannedBurst, planBursts, type Sounding } from './plan.ts';

/** The part of an audio output that the annunciator needs; times are seconds on the output's own clock. */
export interface AudioOutput {
  nowS(): number;
  play(tone: Tone, atS: number): { cancel(): void };
}

/** The plan never reaches less far than this while a console is awake, and 90 s remain after a minute's throttling. */
export const HorizonS = 180;

interface Scheduled {
  readonly burst: PlannedBurst;
  readonly cancel: () => void;
}

/** Keeps the audio clock filled with the bursts that the present alarms call for. */
export class Annunciator {
  private scheduled: Scheduled[] = [];
  private last: PlannedBurst | null = null;
  private readonly sounded = new Set<string>();
  private readonly output: AudioOutput;

  constructor(output: AudioOutput) {
    this.output = output;
  }

  /** Replaces what is planned. Called on every change, and now and then to move the horizon on. */
  update(sounding: readonly Sounding[]): void {
    const nowS = this.output.nowS();
    this.settle(nowS);
    const plan = planBursts({ nowS, horizonS: HorizonS, sounding, last: this.last, sounded: this.sounded });
    const wanted = new Set(sounding.map((item) => item.tone));
    const sounds: Scheduled[] = [];
    for (const scheduled of this.scheduled) {
      const { burst, cancel } = scheduled;
      const upcoming = burst.atS > nowS;
      const overtaken = plan[0] !== undefined && plan[0].atS < burst.endS;
      if (upcoming || overtaken || !wanted.has(burst.tone)) cancel();
      else sounds.push(scheduled);
    }
    this.scheduled = [...sounds, ...plan.map((burst) => ({ burst, cancel: this.schedule(burst) }))];
  }

  /** How far ahead bursts are on the audio clock, in seconds from now. */
  plannedAheadS(): number {
    const end = this.scheduled.at(-1)?.burst.endS;
    return end === undefined ? 0 : Math.max(0, end - this.output.nowS());
  }

  private schedule(burst: PlannedBurst): () => void {
    const sound = this.output.play(burst.tone, burst.atS);
    return () => sound.cancel();
  }

  /** Moves bursts whose start has passed from the plan to what has been heard. */
  private settle(nowS: number): void {
    for (const { burst } of this.scheduled) {
      if (burst.atS > nowS) break;
      this.last = burst;
      if (Bursts[burst.tone].repeatAfterMs === null) for (const key of burst.keys) this.sounded.add(key);
    }
    this.scheduled = this.scheduled.filter(({ burst }) => burst.endS > nowS);
  }
}
