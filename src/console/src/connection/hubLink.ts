import type { Delta, DesksNotice, Heartbeat, HubCalls, ViewingNotice } from '../data/liveQueue.ts';
import { retryDelayMs } from './retry.ts';

/** One attempt at a connection. A failed or closed one is thrown away; the next attempt makes its own. */
export interface Transport {
  start(): Promise<void>;
  stop(): Promise<void>;
  invoke(method: string, ...args: unknown[]): Promise<unknown>;
  on(event: string, handler: (message: never) => void): void;
  onClosed(handler: () => void): void;
}

export interface LinkEvents {
  connected(): void;
  disconnected(): void;
  delta(delta: Delta): void;
  heartbeat(heartbeat: Heartbeat): void;
  viewing(notice: ViewingNotice): void;
  desks(notice: DesksNotice): void;
  /** The hub no longer knows who this is. */
  signedOut(): void;
}

/** A network that swallows packets neither connects nor refuses. */
export const StartTimeoutMs = 10_000;
/** A connection that broke sooner than this was none: the retry goes on slowing down. */
export const SettledAfterMs = 5_000;

/** Holds a connection to the hub for as long as the page lives. */
export class HubLink {
  private readonly connect: () => Transport;
  private readonly events: LinkEvents;
  private readonly random: () => number;
  private current: { transport: Transport; abandon: () => void } | null = null;
  private stopped = false;
  private wake: (() => void) | null = null;

  constructor(connect: () => Transport, events: LinkEvents, random: () => number = Math.random) {
    this.connect = connect;
    this.events = events;
    this.random = random;
  }

  start(): void {
    void this.run();
  }

  stop(): void {
    this.stopped = true;
    this.wake?.();
    this.restart();
  }

  /** Gives the present connection up, for when it is open but nothing comes. */
  restart(): void {
    this.current?.abandon();
  }

  async call<K extends keyof HubCalls>(method: K, ...args: HubCalls[K]['args']): Promise<HubCalls[K]['answer']> {
    if (this.current === null) throw new Error('not connected');
    return (await this.current.transport.invoke(method, ...args)) as HubCalls[K]['answer'];
  }

  private async run(): Promise<void> {
    let attempt = 0;
    while (!this.stopped) {
      await this.pause(retryDelayMs(attempt, this.random()));
      if (this.stopped) return;
      const connectedMs = await this.attempt();
      attempt = connectedMs >= SettledAfterMs ? 0 : attempt + 1;
    }
  }

  /** Lives through one connection; answers how long it was up. */
  private async attempt(): Promise<number> {
    const transport = this.connect();
    const ended = new Promise<void>((resolve) => {
      transport.onClosed(resolve);
      this.current = { transport, abandon: resolve };
    });
    this.listen(transport);
    try {
      await startWithin(transport, StartTimeoutMs);
    } catch (error) {
      this.drop(transport);
      if (isUnauthorized(error)) this.events.signedOut();
      return 0;
    }
    const sinceMs = performance.now();
    this.events.connected();
    await ended;
    this.drop(transport);
    this.events.disconnected();
    return performance.now() - sinceMs;
  }

  private listen(transport: Transport): void {
    // What a connection that was given up still delivers belongs to the past.
    const ifCurrent =
      <T>(handler: (message: T) => void) =>
      (message: T) => {
        if (this.current?.transport === transport) handler(message);
      };
    transport.on(
      'delta',
      ifCurrent<Delta>((delta) => this.events.delta(delta)),
    );
    transport.on(
      'heartbeat',
      ifCurrent<Heartbeat>((heartbeat) => this.events.heartbeat(heartbeat)),
    );
    transport.on(
      'viewing',
      ifCurrent<ViewingNotice>((notice) => this.events.viewing(notice)),
    );
    transport.on(
      'desks',
      ifCurrent<DesksNotice>((notice) => this.events.desks(notice)),
    );
  }

  private drop(transport: Transport): void {
    if (this.current?.transport === transport) this.current = null;
    transport.stop().catch(() => undefined);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function startWithin(transport: Transport, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), ms);
    transport
      .start()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof Error && /\b401\b/.test(error.message);
}
