import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Delta } from '../../src/data/liveQueue.ts';
import { DeltaPace, SinglyMax, WindowMs } from '../../src/queue/deltaPace.ts';
import { someAlarm } from '../some.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

let seq = 0;
const someDelta = (): Delta => ({ seq: ++seq, alarm: someAlarm(`a${seq}`) });

function begin() {
  const taken: number[] = [];
  const pace = new DeltaPace((deltas) => taken.push(deltas.length));
  const add = (count: number) => {
    for (let i = 0; i < count; i++) pace.add(someDelta());
  };
  return { pace, taken, add };
}

test('a change is taken at once, and so are ten', () => {
  const { taken, add } = begin();
  add(SinglyMax);
  expect(taken).toEqual(Array(SinglyMax).fill(1));
});

test('of more the rest is taken together at the end of the window', () => {
  const { taken, add } = begin();
  add(SinglyMax + 500);
  vi.advanceTimersByTime(WindowMs - 1);
  expect(taken).toHaveLength(SinglyMax);
  vi.advanceTimersByTime(1);
  expect(taken.at(-1)).toBe(500);
});

test('while a storm lasts all of it is taken ten times a second', () => {
  const { taken, add } = begin();
  add(100);
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(WindowMs);
    add(100);
  }
  vi.advanceTimersByTime(WindowMs);
  expect(taken).toHaveLength(SinglyMax + 11);
  expect(taken.reduce((sum, count) => sum + count)).toBe(1_100);
});

test('after a storm a change is taken at once again', () => {
  const { taken, add } = begin();
  add(100);
  vi.advanceTimersByTime(WindowMs * 2);
  add(1);
  expect(taken.at(-1)).toBe(1);
});

test('a timer that the browser keeps waiting holds nothing back', () => {
  const { taken, add } = begin();
  add(100);
  // A hidden tab: the clock goes on, and timers do not.
  const later = performance.now() + WindowMs;
  const clock = vi.spyOn(performance, 'now').mockReturnValue(later);
  add(1);
  clock.mockRestore();
  expect(taken.slice(SinglyMax)).toEqual([100 - SinglyMax]);
});

test('what waits can be asked for, and forgotten', () => {
  const { pace, taken, add } = begin();
  add(SinglyMax + 5);
  pace.flush();
  expect(taken.slice(SinglyMax)).toEqual([5]);
  vi.advanceTimersByTime(WindowMs);
  taken.length = 0;
  add(SinglyMax + 7);
  pace.forget();
  vi.advanceTimersByTime(WindowMs * 2);
  expect(taken).toEqual(Array(SinglyMax).fill(1));
});
