import { expect, test } from 'vitest';
import { freshnessOf } from '../../src/connection/freshness.ts';

test('C1, C4: stale after 3 s, loud after 15 s, lost after 30 s', () => {
  expect([0, 3_000, 3_001, 15_000, 15_001, 30_000, 30_001].map(freshnessOf)).toEqual([
    'live',
    'live',
    'stale',
    'stale',
    'loud',
    'loud',
    'lost',
  ]);
});
