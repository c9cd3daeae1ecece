import { expect, test } from 'vitest';
import { maySelect, recordMoves } from '../../src/queue/actionGuard.ts';
import { emptyLayout, type Layout } from '../../src/queue/layout.ts';

const layout = (list: string[], pinned: string[] = []): Layout => ({ ...emptyLayout, list, pinned });

test('L4: a row that has just come to stand under the pointer takes no click for 400 ms', () => {
  const moves = recordMoves(new Map(), layout(['a', 'b']), layout(['x', 'a', 'b']), 1_000);
  expect(maySelect(moves, 'a', 1_399)).toBe(false);
  expect(maySelect(moves, 'x', 1_399)).toBe(false);
  expect(maySelect(moves, 'a', 1_400)).toBe(true);
});

test('rows that did not move take clicks at once', () => {
  const moves = recordMoves(new Map(), layout(['a', 'b']), layout(['a', 'b', 'c']), 1_000);
  expect(maySelect(moves, 'a', 1_001)).toBe(true);
  expect(maySelect(moves, 'c', 1_001)).toBe(false);
});

test('going from the pinned zone to the list is a move', () => {
  const moves = recordMoves(new Map(), layout([], ['a']), layout(['a']), 1_000);
  expect(maySelect(moves, 'a', 1_100)).toBe(false);
});

test('the time of a move outlives later layouts in which the row stands still', () => {
  const first = recordMoves(new Map(), layout([]), layout(['a']), 1_000);
  const second = recordMoves(first, layout(['a']), layout(['a']), 1_200);
  expect(maySelect(second, 'a', 1_300)).toBe(false);
});
