import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HubLink, type LinkEvents } from '../../src/connection/hubLink.ts';
import { FakeTransport } from './fakeTransport.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const refused = () => Promise.reject(new Error('refused'));

function someLink(make: () => FakeTransport) {
  const transports: FakeTransport[] = [];
  const log: string[] = [];
  const events: LinkEvents = {
    connected: () => log.push('connected'),
    disconnected: () => log.push('disconnected'),
    delta: () => log.push('delta'),
    heartbeat: () => log.push('heartbeat'),
    viewing: () => log.push('viewing'),
    desks: () => log.push('desks'),
    signedOut: () => log.push('signed out'),
  };
  const link = new HubLink(
    () => {
      const transport = make();
      transports.push(transport);
      return transport;
    },
    events,
    () => 0.5,
  );
  return { link, transports, log };
}

describe('C2: the link never gives up', () => {
  test('the first connection is retried like every other, for hours', async () => {
    const { link, transports } = someLink(() => new FakeTransport(refused));
    link.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(transports).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(transports).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(transports).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(transports).toHaveLength(3 + 720);
  });

  test('an attempt that is never answered is given up after 10 s', async () => {
    const { link, transports } = someLink(() => new FakeTransport(() => new Promise(() => {})));
    link.start();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(transports[0]?.stopped).toBe(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(transports).toHaveLength(2);
  });

  test('a connection that lived is replaced at once', async () => {
    const { link, transports, log } = someLink(() => new FakeTransport());
    link.start();
    await vi.advanceTimersByTimeAsync(60_000);
    transports[0]?.break();
    await vi.advanceTimersByTimeAsync(0);
    expect(log).toEqual(['connected', 'disconnected', 'connected']);
  });

  test('connections that break at once do not make a storm of attempts', async () => {
    const { link, transports } = someLink(() => new FakeTransport());
    link.start();
    for (let i = 0; i < 40; i++) {
      await vi.advanceTimersByTimeAsync(500);
      transports.at(-1)?.break();
    }
    expect(transports.length).toBeLessThan(8);
  });
});

test('a refusal for want of a session is told, and the attempts go on', async () => {
  const { link, transports, log } = someLink(
    () => new FakeTransport(() => Promise.reject(new Error("Failed to complete negotiation: Status code '401'"))),
  );
  link.start();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(log).toEqual(['signed out', 'signed out']);
  expect(transports).toHaveLength(2);
});

test('what an abandoned connection still delivers is not heard', async () => {
  const { link, transports, log } = someLink(() => new FakeTransport());
  link.start();
  await vi.advanceTimersByTimeAsync(10_000);
  link.restart();
  await vi.advanceTimersByTimeAsync(0);
  transports[0]?.send('delta', {});
  expect(log).not.toContain('delta');
  transports[1]?.send('delta', {});
  expect(log).toContain('delta');
});

test('after stop nothing is tried again', async () => {
  const { link, transports } = someLink(() => new FakeTransport(refused));
  link.start();
  await vi.advanceTimersByTimeAsync(0);
  link.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(transports).toHaveLength(1);
});
