import { describe, expect, test } from 'vitest';
import { audioReport, offDuty, ReconfirmMs, type ShiftEvent, shiftBar, shiftReducer } from '../../src/shift/shift.ts';

const shiftAfter = (...events: ShiftEvent[]) => events.reduce(shiftReducer, offDuty);
const confirmed = shiftAfter({ type: 'started' }, { type: 'heard', atMs: 0 });

describe('B1: a shift is started by a person who hears', () => {
  test('until then a bar says that there is no sound, and the hub knows', () => {
    expect(shiftBar(offDuty, 0)).toBe('start');
    expect(audioReport(offDuty, 0)).toEqual({ ok: false, confirmed: false });
  });

  test('started, but nobody has confirmed', () => {
    const shift = shiftAfter({ type: 'started' });
    expect(shiftBar(shift, 0)).toBe('confirm');
    expect(audioReport(shift, 0)).toEqual({ ok: true, confirmed: false });
  });

  test('confirmed', () => {
    expect(shiftBar(confirmed, 0)).toBeNull();
    expect(audioReport(confirmed, 0)).toEqual({ ok: true, confirmed: true });
  });

  test('asked again each hour', () => {
    expect(shiftBar(confirmed, ReconfirmMs - 1)).toBeNull();
    expect(shiftBar(confirmed, ReconfirmMs)).toBe('reconfirm');
    expect(audioReport(confirmed, ReconfirmMs).confirmed).toBe(false);
  });

  test('"I heard nothing" counts as no sound', () => {
    const shift = shiftReducer(shiftAfter({ type: 'started' }), { type: 'not_heard' });
    expect(shiftBar(shift, 0)).toBe('mute');
    expect(audioReport(shift, 0)).toEqual({ ok: false, confirmed: false });
  });
});

test('B2: a context that stops is told to the hub', () => {
  const shift = shiftReducer(confirmed, { type: 'audio', running: false });
  expect(shiftBar(shift, 0)).toBe('broken');
  expect(audioReport(shift, 0)).toEqual({ ok: false, confirmed: false });
});

test('B3: another output device has to be confirmed anew', () => {
  expect(shiftBar(shiftReducer(confirmed, { type: 'output_changed' }), 0)).toBe('confirm');
});
