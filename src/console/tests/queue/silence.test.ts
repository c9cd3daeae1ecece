import { expect, test } from 'vitest';
import { annunciationKey } from '../../src/queue/order.ts';
import { silencedUntilMs, silenceNow, silenceSecondsLeft } from '../../src/queue/silence.ts';
import { iso, Noon, someAlarm } from '../some.ts';

test('A6: silence covers what was there, for 120 s, and nothing that comes after', () => {
  const known = someAlarm('a');
  const silence = silenceNow([known], [], 1_000);
  expect(silencedUntilMs(silence, annunciationKey(known))).toBe(121_000);
  expect(silencedUntilMs(silence, annunciationKey(someAlarm('b')))).toBe(Number.NEGATIVE_INFINITY);
});

test('an alarm that has to sound anew breaks the silence', () => {
  const silence = silenceNow([someAlarm('a')], [], 1_000);
  const again = someAlarm('a', { annunciatedAt: iso(Noon + 5_000) });
  expect(silencedUntilMs(silence, annunciationKey(again))).toBe(Number.NEGATIVE_INFINITY);
});

test('the countdown shows whole seconds and ends at zero', () => {
  const silence = silenceNow([someAlarm('a')], [], 0);
  expect(silenceSecondsLeft(silence, 0)).toBe(120);
  expect(silenceSecondsLeft(silence, 119_001)).toBe(1);
  expect(silenceSecondsLeft(silence, 130_000)).toBe(0);
  expect(silenceSecondsLeft(null, 0)).toBe(0);
});
