import type { Transport } from '../../src/connection/hubLink.ts';

/** A connection that a test opens, feeds and breaks. */
export class FakeTransport implements Transport {
  readonly invoked: { method: string; args: unknown[] }[] = [];
  answers: (method: string, args: unknown[]) => unknown = () => undefined;
  private readonly handlers = new Map<string, (message: never) => void>();
  private closed: () => void = () => {};
  stopped = false;
  private readonly started: () => Promise<void>;

  constructor(started: () => Promise<void> = () => Promise.resolve()) {
    this.started = started;
  }

  start(): Promise<void> {
    return this.started();
  }

  stop(): Promise<void> {
    this.stopped = true;
    return Promise.resolve();
  }

  async invoke(method: string, ...args: unknown[]): Promise<unknown> {
    this.invoked.push({ method, args });
    return this.answers(method, args);
  }

  on(event: string, handler: (message: never) => void): void {
    this.handlers.set(event, handler);
  }

  onClosed(handler: () => void): void {
    this.closed = handler;
  }

  send(event: string, message: unknown): void {
    this.handlers.get(event)?.(message as never);
  }

  break(): void {
    this.closed();
  }
}
