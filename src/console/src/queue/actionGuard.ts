import type { Layout } from './layout.ts';

/** A click lands where the eye was a moment ago, so a row that has just moved does not take it (L4). */
export const SettleMs = 400;

/** When each row last came to stand where it is. */
export type Moves = ReadonlyMap<string, number>;

export function recordMoves(moves: Moves, before: Layout, after: Layout, nowMs: number): Moves {
  const places = placesOf(before);
  const next = new Map<string, number>();
  for (const [id, place] of placesOf(after)) {
    const moved = places.get(id) !== place;
    const since = moved ? nowMs : moves.get(id);
    if (since !== undefined) next.set(id, since);
  }
  return next;
}

export function maySelect(moves: Moves, id: string, nowMs: number): boolean {
  const since = moves.get(id);
  return since === undefined || nowMs - since >= SettleMs;
}

function placesOf(layout: Layout): Map<string, string> {
  const places = new Map<string, string>();
  for (const [index, id] of layout.pinned.entries()) places.set(id, `pinned ${index}`);
  for (const [index, id] of layout.list.entries()) places.set(id, `list ${index}`);
  return places;
}
