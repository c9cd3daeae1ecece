import type { Alarm } from '../data/alarms.ts';
import { type Moves, recordMoves } from './actionGuard.ts';
import { emptyLayout, isHeld, type Layout, type RowFocus, relayout } from './layout.ts';

/** The layout together with the operator's hands on it. */
export interface LayoutState {
  readonly open: ReadonlyMap<string, Alarm>;
  readonly closed: ReadonlyMap<string, Alarm>;
  readonly matches: (alarm: Alarm) => boolean;
  readonly focus: RowFocus;
  readonly focusedId: string | null;
  readonly hoveredId: string | null;
  readonly layout: Layout;
  readonly moves: Moves;
}

export type LayoutEvent = { readonly nowMs: number } & (
  | { type: 'queue'; open: ReadonlyMap<string, Alarm>; closed: ReadonlyMap<string, Alarm> }
  | { type: 'filter'; matches: (alarm: Alarm) => boolean }
  | { type: 'focus'; id: string }
  | { type: 'blur' }
  | { type: 'hover'; id: string | null }
  | { type: 'merge' }
  | { type: 'tick' }
);

export const emptyLayoutState: LayoutState = {
  open: new Map(),
  closed: new Map(),
  matches: () => true,
  focus: { inside: false, leftAtMs: null },
  focusedId: null,
  hoveredId: null,
  layout: emptyLayout,
  moves: new Map(),
};

export function layoutReducer(state: LayoutState, event: LayoutEvent): LayoutState {
  const next = withEvent(state, event);
  // Choosing a filter or asking for the waiting rows is a wish to see the list change.
  const held = event.type !== 'merge' && event.type !== 'filter' && isHeld(next.focus, event.nowMs);
  const anchored = new Set([next.focusedId, next.hoveredId].filter((id) => id !== null));
  const layout = relayout(next.layout, {
    open: next.open,
    closed: next.closed,
    matches: next.matches,
    held,
    anchored,
    nowMs: event.nowMs,
  });
  // A tick mostly changes nothing, and then nothing is drawn anew.
  if (next === state && sameLayout(state.layout, layout)) return state;
  return { ...next, layout, moves: recordMoves(next.moves, next.layout, layout, event.nowMs) };
}

function withEvent(state: LayoutState, event: LayoutEvent): LayoutState {
  switch (event.type) {
    case 'queue':
      return { ...state, open: event.open, closed: event.closed };
    case 'filter':
      return { ...state, matches: event.matches };
    case 'focus':
      return { ...state, focusedId: event.id, focus: { inside: true, leftAtMs: null } };
    case 'blur':
      return { ...state, focusedId: null, focus: { inside: false, leftAtMs: event.nowMs } };
    case 'hover':
      return state.hoveredId === event.id ? state : { ...state, hoveredId: event.id };
    case 'merge':
    case 'tick':
      return state;
  }
}

function sameLayout(a: Layout, b: Layout): boolean {
  return sameIds(a.pinned, b.pinned) && sameIds(a.list, b.list) && sameIds(a.waiting, b.waiting) && sameRows(a, b);
}

const sameIds = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((id, index) => id === b[index]);

function sameRows(a: Layout, b: Layout): boolean {
  if (a.rows.size !== b.rows.size || a.settledAtMs.size !== b.settledAtMs.size) return false;
  for (const [id, row] of a.rows) {
    const other = b.rows.get(id);
    if (!other || other.alarm !== row.alarm || other.goneAtMs !== row.goneAtMs) return false;
  }
  return true;
}
