import { expect, test } from 'vitest';
import { PortionRows, portionFor } from '../../src/queue/usePortion.ts';

test('what is drawn reaches past the row that is needed', () => {
  expect(portionFor(PortionRows, -1)).toBe(PortionRows);
  expect(portionFor(PortionRows, 10)).toBe(PortionRows);
  for (const index of [PortionRows - 1, PortionRows, 999]) {
    const rows = portionFor(PortionRows, index);
    expect(rows).toBeGreaterThan(index + PortionRows / 2);
    expect(rows).toBeLessThanOrEqual(index + 2 * PortionRows);
    expect(portionFor(rows, index)).toBe(rows);
  }
});

test('it does not shrink under a row that is needed further up', () => {
  expect(portionFor(600, 5)).toBe(600);
});
