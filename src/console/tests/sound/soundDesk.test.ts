import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Alarm } from '../../src/data/alarms.ts';
import { silenceNow } from '../../src/queue/silence.ts';
import { Annunciator } from '../../src/sound/annunciator.ts';
import { SoundDesk, type SoundInput, soundingsOf } from '../../src/sound/soundDesk.ts';
import { someAlarm } from '../some.ts';

const quiet: SoundInput = {
  open: [],
  receivedMs: () => 9_000,
  isWithNearerDesk: () => false,
  silence: null,
  lastHeardMs: 10_000,
  testKey: null,
};

function soundings(open: Alarm[], change: Partial<SoundInput> = {}) {
  return soundingsOf({ ...quiet, open, ...change }, 10_000, 500).filter(({ tone }) => tone !== 'lost');
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
  expect(soundingsOf({ ...quiet, lastHeardMs: 8_000 }, 10_000, 500)).toMatchObject([{ tone: 'lost', fromS: 528 }]);
});

describe('an alarm that a nearer desk has', () => {
  const isWithNearerDesk = ({ id }: Alarm) => id === 'held';

  test('is due 3 s after the hub was last heard, and what is this desk’s own at once', () => {
    const held = soundings([someAlarm('held'), someAlarm('own')], { isWithNearerDesk, lastHeardMs: 9_500 });
    expect(held.map(({ fromS }) => fromS)).toEqual([502.5, 499]);
  });

  test('A6: was heard when the hub could not vouch for that desk, and was silenced', () => {
    const alarm = someAlarm('held');
    const silence = silenceNow([alarm], [], 10_000);
    expect(soundings([alarm], { isWithNearerDesk, silence })[0]?.fromS).toBeCloseTo(620);
  });

  describe('on the audio clock', () => {
    beforeEach(() => vi.useFakeTimers());
    afterEach(() => vi.useRealTimers());

    /** Starts of critical bursts that have not been taken back. */
    function startDesk() {
      const atS = new Set<number>();
      let lastHeardMs = performance.now();
      const desk = new SoundDesk(() => ({ ...quiet, open: [someAlarm('held')], isWithNearerDesk, lastHeardMs }));
      const nowS = () => performance.now() / 1000;
      const play = (tone: string, startS: number) => {
        if (tone === 'critical') atS.add(startS);
        return { cancel: () => atS.delete(startS) };
      };
      desk.attach(new Annunciator({ nowS, play }), nowS);
      const heard = () => {
        lastHeardMs = performance.now();
        desk.keepAhead();
      };
      return { heard, heardS: () => lastHeardMs / 1000, firstS: () => Math.min(...atS), nowS };
    }

    test('never sounds while heartbeats come', () => {
      const { heard, firstS, nowS } = startDesk();
      for (let second = 0; second < 60; second++) {
        vi.advanceTimersByTime(1_000);
        heard();
        expect(firstS()).toBeGreaterThan(nowS());
      }
    });

    test('sounds by itself when none comes, though no timer of the page runs', () => {
      const { heard, heardS, firstS } = startDesk();
      vi.advanceTimersByTime(1_000);
      heard();
      expect(firstS()).toBeCloseTo(heardS() + 3);
    });
  });
});
