import { describe, expect, test } from 'vitest';
import type { Alarm } from '../../src/data/alarms.ts';
import { emptyLayout, type Layout, type LayoutInput, relayout } from '../../src/queue/layout.ts';
import { emptyLayoutState, type LayoutState, layoutReducer } from '../../src/queue/layoutReducer.ts';
import { closed, iso, Noon, someAlarm, stampOf } from '../some.ts';

const high = (id: string, raisedS = 0, change: Partial<Alarm> = {}) =>
  someAlarm(id, { priority: 'high', raisedAt: iso(Noon + raisedS * 1000), ...change });
const critical = (id: string, raisedS = 0, change: Partial<Alarm> = {}) =>
  someAlarm(id, { raisedAt: iso(Noon + raisedS * 1000), ...change });

const mapOf = (alarms: Alarm[]) => new Map(alarms.map((alarm) => [alarm.id, alarm]));

function input(alarms: Alarm[], change: Partial<LayoutInput> = {}): LayoutInput {
  return {
    open: mapOf(alarms),
    closed: new Map(),
    matches: () => true,
    held: false,
    anchored: new Set(),
    nowMs: 0,
    ...change,
  };
}

const lay = (before: Layout, alarms: Alarm[], change: Partial<LayoutInput> = {}) =>
  relayout(before, input(alarms, change));

describe('L1: new rows wait while a row has focus', () => {
  const before = lay(emptyLayout, [high('b', 10), high('c', 20)]);
  const all = [high('a', 0), high('b', 10), high('c', 20)];

  test('they wait, and nothing moves', () => {
    const next = lay(before, all, { held: true, anchored: new Set(['b']) });
    expect(next.list).toEqual(['b', 'c']);
    expect(next.waiting).toEqual(['a']);
  });

  test('they take their place when the list is free', () => {
    expect(lay(before, all).list).toEqual(['a', 'b', 'c']);
    expect(lay(before, all).waiting).toEqual([]);
  });

  test('one that the filter hides is not counted', () => {
    const next = lay(before, all, { held: true, matches: ({ id }) => id !== 'a' });
    expect(next.waiting).toEqual([]);
  });
});

describe('L1: when the list is free', () => {
  const queue = (state: LayoutState, alarms: Alarm[], nowMs: number) =>
    layoutReducer(state, { type: 'queue', open: mapOf(alarms), closed: new Map(), nowMs });
  const rowIds = ({ layout }: LayoutState) => layout.list;

  test('new rows merge 10 s after the focus has left, not before', () => {
    let state = queue(emptyLayoutState, [high('b', 10)], 0);
    state = layoutReducer(state, { type: 'focus', id: 'b', nowMs: 1_000 });
    state = queue(state, [high('a'), high('b', 10)], 60_000);
    expect(state.layout.waiting).toEqual(['a']);
    state = layoutReducer(state, { type: 'blur', nowMs: 61_000 });
    state = layoutReducer(state, { type: 'tick', nowMs: 70_900 });
    expect(rowIds(state)).toEqual(['b']);
    state = layoutReducer(state, { type: 'tick', nowMs: 71_000 });
    expect(rowIds(state)).toEqual(['a', 'b']);
  });

  test('a click on the counter or Home merges at once', () => {
    let state = queue(emptyLayoutState, [high('b', 10)], 0);
    state = layoutReducer(state, { type: 'focus', id: 'b', nowMs: 1_000 });
    state = queue(state, [high('a'), high('b', 10)], 2_000);
    state = layoutReducer(state, { type: 'merge', nowMs: 3_000 });
    expect([...rowIds(state)].sort()).toEqual(['a', 'b']);
    expect(state.layout.waiting).toEqual([]);
  });

  test('a tick that changes nothing gives the same state, so nothing is drawn', () => {
    const state = queue(emptyLayoutState, [high('b')], 0);
    expect(layoutReducer(state, { type: 'tick', nowMs: 500 })).toBe(state);
  });
});

describe('L2: unclaimed critical alarms are pinned', () => {
  test('whatever the filter, and while the list is held', () => {
    const before = lay(emptyLayout, [high('b')]);
    const next = lay(before, [high('b'), critical('x')], { held: true, matches: () => false });
    expect(next.pinned).toEqual(['x']);
    expect(next.list).toEqual(['b']);
  });

  test('a newcomer goes to the end of the zone and moves none', () => {
    const before = lay(emptyLayout, [critical('y', 10)]);
    expect(lay(before, [critical('x', 0), critical('y', 10)]).pinned).toEqual(['y', 'x']);
  });

  test('a claimed one goes to the list when nobody is at it', () => {
    const before = lay(emptyLayout, [critical('x')]);
    const next = lay(before, [critical('x', 0, { claimedBy: stampOf('Li') })]);
    expect(next.pinned).toEqual([]);
    expect(next.list).toEqual(['x']);
  });

  test('a claimed one stays while the operator is at it', () => {
    const before = lay(emptyLayout, [critical('x'), critical('y', 5)]);
    const claimed = [critical('x', 0, { claimedBy: stampOf('Li') }), critical('y', 5)];
    expect(lay(before, claimed, { held: true, anchored: new Set(['y']) }).pinned).toEqual(['x', 'y']);
    const later = lay(before, claimed, { held: true, anchored: new Set(['y']), nowMs: 60_000 });
    expect(later.pinned).toEqual(['x', 'y']);
  });

  test('a released one is pinned again', () => {
    const before = lay(emptyLayout, [critical('x', 0, { claimedBy: stampOf('Li') })]);
    expect(before.list).toEqual(['x']);
    expect(lay(before, [critical('x')], { held: true }).pinned).toEqual(['x']);
  });
});

describe('L3: rows under the hand stay', () => {
  const before = lay(emptyLayout, [high('a', 0), high('b', 10), high('c', 20)]);

  test('a row under the pointer keeps its index when the others sort around it', () => {
    const acknowledged = high('a', 0, { state: 'acknowledged' });
    const all = [acknowledged, high('b', 10), high('c', 20)];
    expect(lay(before, all).list).toEqual(['b', 'c', 'a']);
    expect(lay(before, all, { anchored: new Set(['a']) }).list).toEqual(['a', 'b', 'c']);
  });

  test('a row that vanished stays greyed for 10 s with who closed it', () => {
    const gone = new Map([['b', closed(high('b', 10))]]);
    const rest = [high('a', 0), high('c', 20)];
    const next = lay(before, rest, { closed: gone, nowMs: 1_000 });
    expect(next.list).toContain('b');
    expect(next.rows.get('b')).toMatchObject({ goneAtMs: 1_000, alarm: { closedBy: { name: 'Min' } } });
    expect(lay(next, rest, { closed: gone, nowMs: 10_900 }).list).toContain('b');
    expect(lay(next, rest, { closed: gone, nowMs: 11_000 }).list).toEqual(['a', 'c']);
  });

  test('a vanished row above the focused one stays as long as the focus does', () => {
    const rest = [high('b', 10), high('c', 20)];
    const held = { held: true, anchored: new Set(['b']) };
    const next = lay(before, rest, { ...held, nowMs: 1_000 });
    expect(lay(next, rest, { ...held, nowMs: 60_000 }).list).toEqual(['a', 'b', 'c']);
  });

  test('a row that no longer fits the filter stays while it is in use', () => {
    const claimed = [high('a', 0, { claimedBy: stampOf('Li') }), high('b', 10), high('c', 20)];
    const matches = ({ claimedBy }: Alarm) => claimedBy === null;
    expect(lay(before, claimed, { matches, anchored: new Set(['a']) }).list).toContain('a');
    expect(lay(before, claimed, { matches }).list).toEqual(['b', 'c']);
  });

  test('rows that left the screen are forgotten', () => {
    const next = lay(before, [], { nowMs: 1_000 });
    expect(lay(next, [], { nowMs: 20_000 }).rows.size).toBe(0);
  });
});

test('a row that is as it was is the same object: it is not drawn anew when another changes', () => {
  const [a, b] = [critical('a'), high('b')];
  const before = lay(emptyLayout, [a, b]);
  const next = lay(before, [a, { ...b, version: 2 }]);
  expect(next.rows.get('a')).toBe(before.rows.get('a'));
  expect(next.rows.get('b')).not.toBe(before.rows.get('b'));
  const gone = lay(next, [a], { nowMs: 1_000 });
  expect(lay(gone, [a], { nowMs: 2_000 }).rows.get('b')).toBe(gone.rows.get('b'));
});
