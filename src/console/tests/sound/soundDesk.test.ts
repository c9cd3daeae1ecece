import { expect, test } from 'vitest';
import type { Alarm } from '../../src/data/alarms.ts';
import { silenceNow } from '../../src/queue/silence.ts';
import { type SoundInput, soundingsOf } from '../../src/sound/soundDesk.ts';
import { someAlarm } from '../some.ts';

function soundings(open: Alarm[], change: Partial<SoundInput> = {}) {
  const input = { open, receivedMs: () => 9_000, silence: null, lastHeardMs: 10_000, testKey: null, ...change };
  return soundingsOf(input, 10_000, 500).filter(({ tone }) => tone !== 'lost');
}

test('only what nobody has acknowledged sounds', () => {
  const open = [
    someAlarm('a'),
    someAlarm('b', { state: 'acknowledged' }),
    someAlarm('c', { state: 'returned_unacknowledged', priority: 'high' }),
  ];
  expect(soundings(open).map(({ tone }) => tone)).toEqual(['critical', 'high']);
});

test('times are carried over to the audio clock', () => {
  expect(soundings([someAlarm('a')])[0]?.fromS).toBeCloseTo(499);
});

test('A6: a silenced alarm is due again when the silence ends', () => {
  const alarm = someAlarm('a');
  const silence = silenceNow([alarm], [], 10_000);
  expect(soundings([alarm], { silence })[0]?.fromS).toBeCloseTo(620);
});

test('the sound for a lost hub is always planned, 30 s after it was last heard', () => {
  const input = { open: [], receivedMs: () => 0, silence: null, lastHeardMs: 8_000, testKey: null };
  expect(soundingsOf(input, 10_000, 500)).toMatchObject([{ tone: 'lost', fromS: 528 }]);
});
