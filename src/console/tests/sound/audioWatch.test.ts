import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchAudio } from '../../src/sound/audioWatch.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function someContext() {
  let changed = () => {};
  return {
    state: 'running',
    currentTime: 1,
    addEventListener: (_: string, listener: () => void) => {
      changed = listener;
    },
    removeEventListener: () => {},
    resume: () => Promise.reject(new Error('not allowed')),
    become(state: string) {
      this.state = state;
      changed();
    },
  };
}

test('B2: a context that is suspended is reported at once', () => {
  const context = someContext();
  const reports: boolean[] = [];
  watchAudio(context, (ok) => reports.push(ok));
  context.become('suspended');
  expect(reports).toEqual([false]);
});

test('B2: a clock that stands still in a "running" context is reported within 6 s', () => {
  const context = someContext();
  const reports: boolean[] = [];
  watchAudio(context, (ok) => reports.push(ok));
  vi.advanceTimersByTime(6_000);
  expect(reports).toEqual([false]);
});

test('a healthy context is reported healthy, and after stopping nothing is', () => {
  const context = someContext();
  const reports: boolean[] = [];
  const stop = watchAudio(context, (ok) => reports.push(ok));
  context.currentTime = 6;
  vi.advanceTimersByTime(5_000);
  stop();
  vi.advanceTimersByTime(60_000);
  expect(reports).toEqual([true]);
});
