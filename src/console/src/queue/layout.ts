import type { Alarm } from '../data/alarms.ts';
import { byUrgency, isUnclaimedCritical } from './order.ts';

/*
 * Where each alarm stands on the screen.
 *
 * The queue changes all the time; the screen may not, because a person is reading and clicking on it. So the layout is
 * a state of its own that follows the queue only as far as the operator's hands allow:
 *  - while a row has focus (and for 10 s after) the list is held: new rows wait behind a counter (L1);
 *  - an unclaimed critical alarm enters the pinned zone at once, at its end, held or not, and whatever the filter (L2);
 *  - a row under the pointer or focus keeps its place, and a row whose alarm is gone stays, greyed, for 10 s (L3).
 */

export interface Row {
  readonly alarm: Alarm;
  /** When the alarm left the queue, in the clock of `LayoutInput.nowMs`; null while it is open. */
  readonly goneAtMs: number | null;
}

export interface Layout {
  readonly pinned: readonly string[];
  readonly list: readonly string[];
  readonly waiting: readonly string[];
  readonly rows: ReadonlyMap<string, Row>;
  /** When a pinned row stopped being an unclaimed critical alarm. */
  readonly settledAtMs: ReadonlyMap<string, number>;
}

export interface LayoutInput {
  readonly open: ReadonlyMap<string, Alarm>;
  readonly closed: ReadonlyMap<string, Alarm>;
  readonly matches: (alarm: Alarm) => boolean;
  readonly held: boolean;
  /** Rows under the pointer or with focus. */
  readonly anchored: ReadonlySet<string>;
  readonly nowMs: number;
}

export const GhostMs = 10_000;
export const HoldAfterFocusMs = 10_000;

export const emptyLayout: Layout = {
  pinned: [],
  list: [],
  waiting: [],
  rows: new Map(),
  settledAtMs: new Map(),
};

export interface RowFocus {
  readonly inside: boolean;
  readonly leftAtMs: number | null;
}

export const isHeld = (focus: RowFocus, nowMs: number): boolean =>
  focus.inside || (focus.leftAtMs !== null && nowMs - focus.leftAtMs < HoldAfterFocusMs);

export function relayout(previous: Layout, input: LayoutInput): Layout {
  const rows = rowsOf(previous, input);
  const settledAtMs = new Map<string, number>();
  const pinned = layPinned(previous, input, rows, settledAtMs);
  const inPinned = new Set(pinned);
  const list = layList(previous, input, rows, inPinned);
  const inList = new Set(list);

  const waiting: string[] = [];
  if (input.held) {
    for (const alarm of input.open.values())
      if (!inPinned.has(alarm.id) && !inList.has(alarm.id) && input.matches(alarm)) waiting.push(alarm.id);
  }
  for (const id of rows.keys()) if (!inPinned.has(id) && !inList.has(id)) rows.delete(id);
  return { pinned, list, waiting, rows, settledAtMs };
}

/** Every open alarm, and every alarm that is gone but was on the screen. A row that is as it was stays the same object, and is not drawn anew. */
function rowsOf(previous: Layout, input: LayoutInput): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const alarm of input.open.values()) {
    const before = previous.rows.get(alarm.id);
    rows.set(alarm.id, before?.alarm === alarm && before.goneAtMs === null ? before : { alarm, goneAtMs: null });
  }
  for (const [id, row] of previous.rows) {
    if (rows.has(id)) continue;
    const alarm = input.closed.get(id) ?? row.alarm;
    rows.set(id, row.alarm === alarm && row.goneAtMs !== null ? row : { alarm, goneAtMs: row.goneAtMs ?? input.nowMs });
  }
  return rows;
}

function layPinned(
  previous: Layout,
  input: LayoutInput,
  rows: ReadonlyMap<string, Row>,
  settledAtMs: Map<string, number>,
): string[] {
  const needsPin = (row: Row | undefined) => row?.goneAtMs === null && isUnclaimedCritical(row.alarm);
  const lastAnchor = previous.pinned.findLastIndex((id) => input.anchored.has(id));

  const kept: string[] = [];
  previous.pinned.forEach((id, index) => {
    const row = rows.get(id);
    if (!row) return;
    if (needsPin(row)) {
      kept.push(id);
      return;
    }
    const since = previous.settledAtMs.get(id) ?? input.nowMs;
    // Taking a row away above the one in use would move it.
    const mayLeave =
      index > lastAnchor && (row.goneAtMs === null ? !input.held || expired(since, input) : expired(since, input));
    if (mayLeave) return;
    settledAtMs.set(id, since);
    kept.push(id);
  });

  const present = new Set(kept);
  const arrived = [...input.open.values()]
    .filter((alarm) => isUnclaimedCritical(alarm) && !present.has(alarm.id))
    // A row in use in the list stays where it is; its operator is looking at it.
    .filter((alarm) => !(input.anchored.has(alarm.id) && previous.list.includes(alarm.id)))
    .sort(byUrgency)
    .map((alarm) => alarm.id);
  return [...kept, ...arrived];
}

function layList(
  previous: Layout,
  input: LayoutInput,
  rows: ReadonlyMap<string, Row>,
  inPinned: ReadonlySet<string>,
): string[] {
  const stays = (id: string, index: number, lastAnchor: number) => {
    const row = rows.get(id);
    if (!row || inPinned.has(id)) return false;
    if (row.goneAtMs !== null) return index <= lastAnchor || !expired(row.goneAtMs, input);
    return input.held || input.anchored.has(id) || input.matches(row.alarm);
  };
  const lastAnchor = previous.list.findLastIndex((id) => input.anchored.has(id));
  const kept = previous.list.filter((id, index) => stays(id, index, lastAnchor));
  if (input.held) return kept;

  const members = new Set(kept);
  for (const [id, row] of rows)
    if (row.goneAtMs === null && !inPinned.has(id) && input.matches(row.alarm)) members.add(id);
  const sorted = [...members]
    .map((id) => rows.get(id)?.alarm)
    .filter((alarm) => alarm !== undefined)
    .sort(byUrgency)
    .map((alarm) => alarm.id);
  return keepInPlace(previous.list, sorted, input.anchored);
}

/** Puts the rows in use back at the index they had; the others flow around them. */
function keepInPlace(before: readonly string[], sorted: readonly string[], anchored: ReadonlySet<string>): string[] {
  const placed = sorted.filter((id) => !(anchored.has(id) && before.includes(id)));
  for (const [index, id] of before.entries())
    if (anchored.has(id) && sorted.includes(id)) placed.splice(Math.min(index, placed.length), 0, id);
  return placed;
}

const expired = (sinceMs: number, input: LayoutInput) => input.nowMs - sinceMs >= GhostMs;
