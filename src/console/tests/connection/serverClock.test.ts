import { expect, test } from 'vitest';
import { ServerClock } from '../../src/connection/serverClock.ts';
import { iso, Noon } from '../some.ts';

test('C5: the hub’s time is carried forward by the monotonic clock, not by the workstation’s calendar', () => {
  const clock = new ServerClock();
  expect(clock.nowMs(0)).toBeNull();
  clock.observe(iso(Noon), 1_000);
  expect(clock.nowMs(61_000)).toBe(Noon + 60_000);
});

test('of several samples the least delayed counts', () => {
  const clock = new ServerClock();
  clock.observe(iso(Noon), 1_000 + 400);
  clock.observe(iso(Noon + 1_000), 2_000 + 20);
  clock.observe(iso(Noon + 2_000), 3_000 + 900);
  expect(clock.nowMs(10_020)).toBe(Noon + 9_000);
});

test('when the hub’s clock is set, or the computer slept, the new time holds at once', () => {
  const clock = new ServerClock();
  for (let i = 0; i < 10; i++) clock.observe(iso(Noon + i * 1000), i * 1000);
  clock.observe(iso(Noon - 3_600_000), 11_000);
  expect(clock.nowMs(11_000)).toBe(Noon - 3_600_000);
});

test('a time that is none is ignored', () => {
  const clock = new ServerClock();
  clock.observe('yesterday', 0);
  expect(clock.nowMs(0)).toBeNull();
});
