/**
 * The hub's clock as this console knows it (C5).
 *
 * Ages are told by the hub's clock, carried forward by the monotonic clock of the page; the workstation's calendar
 * clock is never read. A message can only be late, so of the recent samples the one with the least delay is the best.
 */
export class ServerClock {
  private offsets: number[] = [];

  observe(serverTime: string, monotonicMs: number): void {
    const serverMs = Date.parse(serverTime);
    if (Number.isNaN(serverMs)) return;
    const offset = serverMs - monotonicMs;
    const best = this.best();
    // The hub's clock was set, or this computer slept: what was learnt before is void.
    if (best !== null && Math.abs(offset - best) > JumpMs) this.offsets = [];
    this.offsets.push(offset);
    if (this.offsets.length > SamplesMax) this.offsets.shift();
  }

  /** Null until the hub has been heard. */
  nowMs(monotonicMs: number): number | null {
    const best = this.best();
    return best === null ? null : monotonicMs + best;
  }

  /** The monotonic time at which the hub's clock shows `serverMs`. */
  monotonicOf(serverMs: number): number | null {
    const best = this.best();
    return best === null ? null : serverMs - best;
  }

  private best(): number | null {
    return this.offsets.length === 0 ? null : Math.max(...this.offsets);
  }
}

const SamplesMax = 20;
const JumpMs = 2_000;
