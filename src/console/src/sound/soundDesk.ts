import { LostAfterMs, StaleAfterMs } from '../connection/freshness.ts';
import type { Alarm } from '../data/alarms.ts';
import { annunciationKey, isUnacknowledged } from '../queue/order.ts';
import { linkLostKey, type Silence, silencedUntilMs } from '../queue/silence.ts';
import type { Annunciator } from './annunciator.ts';
import type { Sounding } from './plan.ts';

/** What the sound depends on, in milliseconds of the page's monotonic clock. */
export interface SoundInput {
  readonly open: readonly Alarm[];
  readonly receivedMs: (key: string) => number | undefined;
  /** A nearer desk has been called, by what the hub's last heartbeat vouches for. */
  readonly isWithNearerDesk: (alarm: Alarm) => boolean;
  readonly silence: Silence | null;
  readonly lastHeardMs: number;
  readonly testKey: string | null;
}

/** Which sounds are called for, on the audio clock. */
export function soundingsOf(input: SoundInput, monotonicMs: number, audioNowS: number): Sounding[] {
  const onAudioClock = (ms: number) => audioNowS + (ms - monotonicMs) / 1000;
  const soundings: Sounding[] = [];
  for (const alarm of input.open) {
    if (!isUnacknowledged(alarm)) continue;
    const key = annunciationKey(alarm);
    // What a nearer desk has is planned for when nobody vouches for that desk any more, and pushed on by each heartbeat.
    const dueMs = input.isWithNearerDesk(alarm)
      ? input.lastHeardMs + StaleAfterMs
      : (input.receivedMs(key) ?? monotonicMs);
    const fromMs = Math.max(dueMs, silencedUntilMs(input.silence, key));
    soundings.push({ key, tone: alarm.priority, fromS: onAudioClock(fromMs) });
  }
  // Always planned and always pushed on by the next heartbeat: a dead man's switch on the audio clock, which sounds
  // even where the page's own timers no longer run.
  const lostKey = linkLostKey(input.lastHeardMs);
  const lostFromMs = Math.max(input.lastHeardMs + LostAfterMs, silencedUntilMs(input.silence, lostKey));
  soundings.push({ key: lostKey, tone: 'lost', fromS: onAudioClock(lostFromMs) });
  if (input.testKey !== null) soundings.push({ key: input.testKey, tone: 'test', fromS: audioNowS });
  return soundings;
}

/** Moving the switch for a lost hub on with every heartbeat would replan each second for nothing. */
const RearmAfterMs = 5_000;
/** The one for nearer desks is due so soon that every heartbeat has to move it. */
const RearmHeldAfterMs = 500;
const PlanEveryMs = 100;

/** Keeps the annunciator in step with the queue, from a shift's start to its end. */
export class SoundDesk {
  private annunciator: Annunciator | null = null;
  private audioNowS: () => number = () => 0;
  private plannedAtMs = Number.NEGATIVE_INFINITY;
  private rearmAfterMs = RearmAfterMs;
  private pending: ReturnType<typeof setTimeout> | null = null;
  private readonly input: () => SoundInput;

  constructor(input: () => SoundInput) {
    this.input = input;
  }

  attach(annunciator: Annunciator, audioNowS: () => number): void {
    this.annunciator = annunciator;
    this.audioNowS = audioNowS;
    this.plan();
  }

  /** Something that matters for the sound has changed. In a storm of changes the plan follows ten times a second. */
  refresh(): void {
    if (this.annunciator === null || this.pending !== null) return;
    const sinceMs = performance.now() - this.plannedAtMs;
    if (sinceMs >= PlanEveryMs) this.plan();
    else this.pending = setTimeout(() => this.plan(), PlanEveryMs - sinceMs);
  }

  /** Called often; replans when the plan has grown old, or when a throttled timer has kept a change waiting. */
  keepAhead(): void {
    const ageMs = performance.now() - this.plannedAtMs;
    if (ageMs >= this.rearmAfterMs || (this.pending !== null && ageMs >= PlanEveryMs)) this.plan();
  }

  /** The shift ends: what is planned is taken back. */
  detach(): void {
    this.annunciator?.update([]);
    this.annunciator = null;
    this.forgetPending();
  }

  private plan(): void {
    this.forgetPending();
    if (this.annunciator === null) return;
    const nowMs = performance.now();
    this.plannedAtMs = nowMs;
    const input = this.input();
    this.rearmAfterMs = input.open.some(input.isWithNearerDesk) ? RearmHeldAfterMs : RearmAfterMs;
    this.annunciator.update(soundingsOf(input, nowMs, this.audioNowS()));
  }

  private forgetPending(): void {
    if (this.pending !== null) clearTimeout(this.pending);
    this.pending = null;
  }
}
