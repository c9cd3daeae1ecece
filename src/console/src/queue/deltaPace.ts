import type { Delta } from '../data/liveQueue.ts';

/** A screen can show no more, and a person see no more; drawing each change of a storm would keep it from showing any. */
export const WindowMs = 100;
export const SinglyMax = 10;

/**
 * How fast changes come onto the screen: each at once, but of more than `SinglyMax` within a window the rest together at its
 * end. While a storm lasts, all of them do. A timer that the browser keeps waiting (a hidden tab) holds nothing back: the next
 * change brings it, or whoever calls `flush`.
 */
export class DeltaPace {
  private readonly take: (deltas: readonly Delta[]) => void;
  private waiting: Delta[] = [];
  private fromMs = Number.NEGATIVE_INFINITY;
  private taken = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(take: (deltas: readonly Delta[]) => void) {
    this.take = take;
  }

  add(delta: Delta): void {
    if (performance.now() - this.fromMs >= WindowMs) {
      if (this.waiting.length > 0) this.flush();
      else this.begin(0);
    }
    if (this.waiting.length === 0 && this.taken < SinglyMax) {
      this.taken++;
      this.take([delta]);
      return;
    }
    this.waiting.push(delta);
    this.timer ??= setTimeout(() => this.flush(), Math.max(0, this.fromMs + WindowMs - performance.now()));
  }

  /** Whatever waits is taken now. */
  flush(): void {
    const deltas = this.waiting;
    this.forget();
    if (deltas.length === 0) return;
    this.take(deltas);
    // They count for the window that begins now, behind the work that they made.
    this.begin(deltas.length);
  }

  /** What waits will come another way. */
  forget(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.waiting = [];
  }

  private begin(taken: number): void {
    this.fromMs = performance.now();
    this.taken = taken;
  }
}
