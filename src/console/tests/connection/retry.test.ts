import { expect, test } from 'vitest';
import { retryDelayMs } from '../../src/connection/retry.ts';

test('C2: 0, 1, 2, 5, 5 s and so on for ever', () => {
  const delays = [0, 1, 2, 3, 4, 1000].map((attempt) => retryDelayMs(attempt, 0.5));
  expect(delays).toEqual([0, 1000, 2000, 5000, 5000, 5000]);
});

test('jitter stays within a tenth to either side', () => {
  expect(retryDelayMs(3, 0)).toBe(4500);
  expect(retryDelayMs(3, 0.999)).toBeLessThan(5500);
});
