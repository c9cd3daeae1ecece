import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Alarm } from '../../src/data/alarms.ts';
import type { Snapshot } from '../../src/data/liveQueue.ts';
import { LiveQueue } from '../../src/queue/liveQueue.ts';
import { FakeTransport } from '../connection/fakeTransport.ts';
import { iso, Noon, someAlarm, someSnapshot } from '../some.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A console against a hub that holds `alarms` and answers subscriptions as the interface says. */
class Story {
  readonly transports: FakeTransport[] = [];
  readonly cursors: unknown[] = [];
  readonly told: { count: number; caughtUp: boolean }[] = [];
  alarms: Alarm[] = [];
  seq = 1;
  snapshot: (cursor: unknown) => Snapshot | Promise<Snapshot> = () => someSnapshot(this.seq, this.alarms);
  readonly live = new LiveQueue(() => this.connect());

  constructor() {
    this.live.listen({ announced: (all, caughtUp) => this.told.push({ count: all.length, caughtUp }) });
  }

  private connect(): FakeTransport {
    const transport = new FakeTransport();
    transport.answers = (method, [cursor]) => {
      if (method !== 'Subscribe') return undefined;
      this.cursors.push(cursor);
      return this.snapshot(cursor);
    };
    this.transports.push(transport);
    return transport;
  }

  get transport(): FakeTransport {
    const last = this.transports.at(-1);
    if (!last) throw new Error('no connection yet');
    return last;
  }

  async begin(): Promise<this> {
    this.live.start();
    await this.pass(0);
    return this;
  }

  pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  delta(alarm: Alarm, seq = ++this.seq): void {
    this.transport.send('delta', { seq, alarm });
  }

  heartbeat(change: object = {}): void {
    this.transport.send('heartbeat', { ...someSnapshot(this.seq, this.alarms), trouble: [], ...change });
  }

  ids = () => [...this.live.current().queue.open.keys()];
}

test('the first snapshot fills the queue and deltas follow', async () => {
  const story = new Story();
  story.alarms = [someAlarm('a')];
  await story.begin();
  expect(story.ids()).toEqual(['a']);
  expect(story.cursors).toEqual([null]);
  story.delta(someAlarm('b'));
  expect(story.ids()).toEqual(['a', 'b']);
});

describe('C3: what was missed is fetched', () => {
  test('after a lost delta, from the cursor on', async () => {
    const story = await new Story().begin();
    story.alarms = [someAlarm('a'), someAlarm('b')];
    story.seq = 3;
    story.snapshot = () => someSnapshot(3, story.alarms, { full: false });
    story.delta(someAlarm('b'), 3);
    await story.pass(0);
    expect(story.cursors.at(-1)).toEqual({ epoch: 'life-1', seq: 1 });
    expect(story.ids()).toEqual(['a', 'b']);
  });

  test('after a heartbeat whose counts differ; and everything, when they differ still', async () => {
    const story = await new Story().begin();
    story.alarms = [someAlarm('lost')];
    story.snapshot = (cursor) =>
      cursor === null
        ? someSnapshot(1, story.alarms)
        : someSnapshot(1, [], { full: false, openCritical: 1, openTotal: 1 });
    story.heartbeat();
    await story.pass(0);
    expect(story.cursors.slice(1)).toEqual([{ epoch: 'life-1', seq: 1 }, null]);
    expect(story.ids()).toEqual(['lost']);
  });

  test('counts that never agree do not make a storm of questions', async () => {
    const story = await new Story().begin();
    story.snapshot = () => someSnapshot(1, [], { openTotal: 7 });
    for (let second = 0; second < 20; second++) {
      story.heartbeat({ openTotal: 7 });
      await story.pass(1_000);
    }
    expect(story.cursors.length).toBeLessThan(30);
  });

  test('deltas that arrive while the answer is under way are not lost', async () => {
    const story = await new Story().begin();
    let answer: (snapshot: Snapshot) => void = () => {};
    story.snapshot = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    story.delta(someAlarm('c'), 3);
    await story.pass(0);
    story.delta(someAlarm('d'), 4);
    answer(someSnapshot(3, [someAlarm('b'), someAlarm('c')], { full: false }));
    await story.pass(0);
    expect(story.ids()).toEqual(['b', 'c', 'd']);
  });

  test('after a restart of the hub, everything', async () => {
    const story = await new Story().begin();
    story.heartbeat({ epoch: 'life-2' });
    await story.pass(0);
    expect(story.cursors.at(-1)).toBeNull();
  });
});

describe('after an outage', () => {
  test('the console asks from its cursor and says anew what the hub has to know', async () => {
    const story = await new Story().begin();
    story.live.reportAudio({ ok: true, confirmed: true });
    story.live.viewing('a');
    await story.pass(60_000);
    story.transport.break();
    await story.pass(0);
    expect(story.cursors.at(-1)).toEqual({ epoch: 'life-1', seq: 1 });
    expect(story.transport.invoked).toContainEqual({ method: 'Viewing', args: ['a'] });
    expect(story.transport.invoked).toContainEqual({ method: 'ReportAudio', args: [{ ok: true, confirmed: true }] });
  });

  test('C6: what was raised meanwhile is announced once', async () => {
    const story = await new Story().begin();
    await story.pass(60_000);
    story.alarms = [someAlarm('a'), someAlarm('b')];
    story.transport.break();
    await story.pass(0);
    story.heartbeat();
    await story.pass(60_000);
    story.transport.break();
    await story.pass(0);
    expect(story.told).toEqual([{ count: 2, caughtUp: true }]);
  });

  test('sightings that could not be sent are sent after the reconnect', async () => {
    const story = await new Story().begin();
    await story.pass(60_000);
    story.transport.answers = () => Promise.reject(new Error('the connection broke'));
    story.live.seen(['a']);
    await story.pass(0);
    story.transport.break();
    await story.pass(0);
    expect(story.transport.invoked.filter(({ method }) => method === 'Seen')).toEqual([
      { method: 'Seen', args: [['a']] },
    ]);
  });

  test('an open connection on which nothing comes is replaced', async () => {
    const story = await new Story().begin();
    await story.pass(20_001);
    story.live.tick();
    await story.pass(0);
    expect(story.transports).toHaveLength(2);
  });
});

test('C1: freshness counts from the last heartbeat', async () => {
  const story = await new Story().begin();
  await story.pass(2_000);
  expect(story.live.freshness()).toBe('live');
  await story.pass(1_500);
  expect(story.live.freshness()).toBe('stale');
  story.heartbeat();
  expect(story.live.freshness()).toBe('live');
  await story.pass(31_000);
  expect(story.live.freshness()).toBe('lost');
});

test('C5: the clock follows the heartbeats', async () => {
  const story = await new Story().begin();
  story.heartbeat({ serverTime: iso(Noon + 3_600_000) });
  expect(story.live.clock.nowMs(performance.now())).toBe(Noon + 3_600_000);
});

describe('desks nearer to an alarm than this one', () => {
  const atHome = (id: string) => someAlarm(id, { region: { id: 'north', name: 'North', path: ['hz', 'north'] } });
  const keyOf = (id: string) => `${id}@${iso(Noon)}`;
  const notice = (number: number, ...ids: string[]) => ({ number, regions: ids.map((id) => ({ id, name: id })) });

  class Desks extends Story {
    said: object = notice(1, 'north');

    constructor() {
      super();
      this.snapshot = () => ({ ...someSnapshot(this.seq, this.alarms), desks: this.said }) as Snapshot;
    }

    tell = (desks: object) => this.transport.send('desks', desks);
    comesHere = (id: string) => this.live.receivedMs(keyOf(id)) !== undefined;
  }

  test('an alarm that one of them has is in the queue, and neither announced nor due here', async () => {
    const story = new Desks();
    story.alarms = [atHome('a'), someAlarm('own')];
    await story.begin();
    expect(story.ids()).toEqual(['a', 'own']);
    expect(story.told).toEqual([{ count: 1, caughtUp: false }]);
    expect([story.comesHere('a'), story.comesHere('own')]).toEqual([false, true]);
  });

  test('when that desk leaves, the alarm comes here then; and anew, when it had come and gone', async () => {
    const story = new Desks();
    story.alarms = [atHome('a')];
    await story.begin();
    await story.pass(40_000);
    story.tell(notice(2));
    expect(story.live.receivedMs(keyOf('a'))).toBe(performance.now());
    story.tell(notice(3, 'north'));
    expect(story.comesHere('a')).toBe(false);
    await story.pass(10_000);
    story.tell(notice(4));
    expect(story.live.receivedMs(keyOf('a'))).toBe(performance.now());
    expect(story.told).toHaveLength(2);
  });

  test('a hub that says nothing of them has none', async () => {
    const story = new Desks();
    story.alarms = [atHome('a')];
    await story.begin();
    story.snapshot = () => someSnapshot(story.seq, story.alarms, { epoch: 'life-2' });
    story.transport.break();
    await story.pass(10_000);
    expect(story.comesHere('a')).toBe(true);
  });

  test('what comes late from a feed that was given up changes nothing', async () => {
    const story = new Desks();
    story.said = notice(5);
    story.alarms = [atHome('a')];
    await story.begin();
    story.tell(notice(4, 'north'));
    expect(story.comesHere('a')).toBe(true);
  });

  test('of the answer to a subscription and what was told meanwhile the later one holds', async () => {
    for (const [meanwhile, here] of [
      [notice(6), true],
      [notice(4), false],
    ] as const) {
      const story = new Desks();
      story.said = notice(5, 'north');
      story.alarms = [atHome('a')];
      let answer: (snapshot: Snapshot) => void = () => {};
      story.snapshot = () =>
        new Promise((resolve) => {
          answer = resolve;
        });
      await story.begin();
      story.tell(meanwhile);
      answer({ ...someSnapshot(1, story.alarms), desks: notice(5, 'north') });
      await story.pass(0);
      expect(story.comesHere('a')).toBe(here);
    }
  });

  test('a subscription that fails loses nothing of what was told meanwhile', async () => {
    const story = new Desks();
    story.alarms = [atHome('a')];
    await story.begin();
    let refuse: (reason: Error) => void = () => {};
    story.snapshot = () =>
      new Promise((_, reject) => {
        refuse = reject;
      });
    story.heartbeat({ seq: 9 });
    story.tell(notice(2));
    refuse(new Error('refused'));
    await story.pass(0);
    expect(story.comesHere('a')).toBe(true);
  });

  test('they are trusted only while heartbeats vouch for them', async () => {
    const story = await new Desks().begin();
    expect(story.live.trustedDesks()?.has('north')).toBe(true);
    await story.pass(3_001);
    expect(story.live.trustedDesks()).toBe(null);
    story.heartbeat();
    expect(story.live.trustedDesks()?.has('north')).toBe(true);
  });
});
