import { describe, expect, test } from 'vitest';
import type { Heartbeat } from '../../src/data/liveQueue.ts';
import {
  applyAnswer,
  applyDeltas,
  applySnapshot,
  ClosedKeptMax,
  emptyQueue,
  judgeHeartbeat,
  type QueueState,
} from '../../src/queue/queueState.ts';
import { closed, iso, Noon, someAlarm, someSnapshot } from '../some.ts';

const a = someAlarm('a');
const b = someAlarm('b', { priority: 'low' });
const loaded = applySnapshot(emptyQueue, someSnapshot(7, [a, b]));

function heartbeat(change: Partial<Heartbeat> = {}): Heartbeat {
  return { epoch: 'life-1', seq: 7, serverTime: iso(Noon), openCritical: 1, openTotal: 2, trouble: [], ...change };
}

function noGap(state: QueueState | 'gap'): QueueState {
  if (state === 'gap') throw new Error('unexpected gap');
  return state;
}

describe('snapshots', () => {
  test('a full one replaces everything', () => {
    const next = applySnapshot(loaded, someSnapshot(9, [b]));
    expect([...next.open.keys()]).toEqual(['b']);
    expect(next.cursor).toEqual({ epoch: 'life-1', seq: 9 });
  });

  test('a partial one changes only what it names', () => {
    const newer = { ...a, version: 2, count: 2 };
    const next = applySnapshot(loaded, someSnapshot(8, [newer], { full: false }));
    expect(next.open.get('a')?.count).toBe(2);
    expect(next.open.has('b')).toBe(true);
  });

  test('a partial one takes closed alarms out', () => {
    const next = applySnapshot(loaded, someSnapshot(8, [closed(a)], { full: false }));
    expect(next.open.has('a')).toBe(false);
    expect(next.closed.get('a')?.closedBy?.name).toBe('Min');
  });
});

describe('deltas', () => {
  test('the next number is applied', () => {
    const next = noGap(applyDeltas(loaded, [{ seq: 8, alarm: someAlarm('c') }]));
    expect(next.open.has('c')).toBe(true);
    expect(next.cursor?.seq).toBe(8);
  });

  test('several are applied in their order, and a hole between them is a gap', () => {
    const [c, d] = [someAlarm('c'), someAlarm('d')];
    const next = noGap(
      applyDeltas(loaded, [
        { seq: 7, alarm: a },
        { seq: 8, alarm: c },
        { seq: 9, alarm: d },
        { seq: 10, alarm: closed(c) },
      ]),
    );
    expect(next.cursor?.seq).toBe(10);
    expect(next.open.get('d')).toBe(d);
    expect(next.open.has('c')).toBe(false);
    expect(
      applyDeltas(loaded, [
        { seq: 8, alarm: c },
        { seq: 10, alarm: d },
      ]),
    ).toBe('gap');
  });

  test('a hole in the numbers is a gap and changes nothing', () => {
    expect(applyDeltas(loaded, [{ seq: 9, alarm: someAlarm('c') }])).toBe('gap');
  });

  test('a number that is known already changes nothing', () => {
    expect(applyDeltas(loaded, [{ seq: 7, alarm: someAlarm('c') }])).toBe(loaded);
  });

  test('before the first snapshot every delta is a gap', () => {
    expect(applyDeltas(emptyQueue, [{ seq: 1, alarm: a }])).toBe('gap');
  });

  test('an older version moves the cursor but not the alarm', () => {
    const answered = applyAnswer(loaded, { ...a, version: 5, count: 9 });
    const next = noGap(applyDeltas(answered, [{ seq: 8, alarm: { ...a, version: 4 } }]));
    expect(next.open.get('a')?.count).toBe(9);
    expect(next.cursor?.seq).toBe(8);
  });

  test('a late delta does not open again what an answer closed', () => {
    const answered = applyAnswer(loaded, { ...closed(a), version: 5 });
    const next = noGap(applyDeltas(answered, [{ seq: 8, alarm: { ...a, version: 4 } }]));
    expect(next.open.has('a')).toBe(false);
  });

  test('closed alarms are kept up to a bound', () => {
    let state = loaded;
    for (let i = 0; i < ClosedKeptMax + 50; i++)
      state = noGap(applyDeltas(state, [{ seq: 8 + i, alarm: closed(someAlarm(`x${i}`)) }]));
    expect(state.closed.size).toBe(ClosedKeptMax);
    expect(state.closed.has('x0')).toBe(false);
  });
});

describe('heartbeats (C3)', () => {
  test('in step', () => expect(judgeHeartbeat(loaded, heartbeat())).toBe('in_step'));
  test('a number ahead asks for what is missing', () =>
    expect(judgeHeartbeat(loaded, heartbeat({ seq: 8 }))).toBe('resync'));
  test('a total that differs asks for what is missing', () =>
    expect(judgeHeartbeat(loaded, heartbeat({ openTotal: 3 }))).toBe('resync'));
  test('a critical count that differs asks for what is missing', () =>
    expect(judgeHeartbeat(loaded, heartbeat({ openCritical: 0 }))).toBe('resync'));
  test('counts of an earlier moment are not compared', () =>
    expect(judgeHeartbeat(loaded, heartbeat({ seq: 6, openTotal: 1 }))).toBe('in_step'));
  test('another life of the hub starts over', () =>
    expect(judgeHeartbeat(loaded, heartbeat({ epoch: 'life-2', seq: 0 }))).toBe('start_over'));
});
