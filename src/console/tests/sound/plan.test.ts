import { describe, expect, test } from 'vitest';
import type { Tone } from '../../src/sound/bursts.ts';
import { LeadS, type PlanInput, type PlannedBurst, planBursts, type Sounding } from '../../src/sound/plan.ts';

const sounding = (tone: Tone, fromS = 0, key = `${tone}@${fromS}`): Sounding => ({ key, tone, fromS });

function plan(items: Sounding[], change: Partial<PlanInput> = {}): PlannedBurst[] {
  return planBursts({ nowS: 0, horizonS: 180, sounding: items, last: null, sounded: new Set(), ...change });
}

const overlaps = (bursts: PlannedBurst[]) => bursts.some((burst, i) => (bursts[i + 1]?.atS ?? Infinity) < burst.endS);

test('nothing sounds when nothing is wrong', () => expect(plan([])).toEqual([]));

test('A1: a critical alarm sounds at once and repeats after 5 s of silence', () => {
  const bursts = plan([sounding('critical')]);
  expect(bursts[0]?.atS).toBeCloseTo(LeadS);
  expect((bursts[1]?.atS ?? 0) - (bursts[0]?.endS ?? 0)).toBeCloseTo(5);
});

test('B4: at least 90 s of bursts are planned ahead', () => {
  for (const tone of ['critical', 'high'] as const) expect(plan([sounding(tone)]).at(-1)?.endS).toBeGreaterThan(90);
});

describe('A2: only the highest priority plays, and bursts never overlap', () => {
  test('critical hides the rest', () => {
    const bursts = plan([sounding('high'), sounding('critical'), sounding('low'), sounding('lost')]);
    expect(new Set(bursts.map(({ tone }) => tone))).toEqual(new Set(['critical']));
  });

  test('a higher one that begins later takes over, and nothing is cut off', () => {
    const bursts = plan([sounding('high'), sounding('critical', 16.5)]);
    expect(bursts.map(({ tone }) => tone).slice(0, 2)).toEqual(['high', 'critical']);
    expect(bursts.find(({ tone }) => tone === 'critical')?.atS).toBeCloseTo(16.5);
    expect(overlaps(bursts)).toBe(false);
  });

  test('a higher one does not wait for the repeat of what sounded last', () => {
    const last: PlannedBurst = { tone: 'high', atS: 0, endS: 1, keys: ['high@0'] };
    const bursts = plan([sounding('high'), sounding('critical', 5)], { nowS: 2, last });
    expect(bursts[0]).toMatchObject({ tone: 'critical', atS: 5 });
  });

  test('for any mixture', () => {
    const tones: Tone[] = ['critical', 'lost', 'high', 'medium', 'low', 'test'];
    for (let seed = 1; seed < 300; seed++) {
      const items = tones.flatMap((tone, i) => ((seed >> i) & 1 ? [sounding(tone, (seed * (i + 3) * 7) % 90)] : []));
      expect(overlaps(plan(items)), `seed ${seed}`).toBe(false);
    }
  });
});

describe('A1: a new critical alarm sounds within 1 s while another sounds', () => {
  const first = sounding('critical', 0, 'first');
  const playing: PlannedBurst = { tone: 'critical', atS: 10, endS: 13.4, keys: ['first'] };
  for (const arrivalS of [10.1, 11, 12.5, 13.39, 14, 18])
    test(`arriving at ${arrivalS} s`, () => {
      const items = [first, sounding('critical', arrivalS, 'second')];
      const start = plan(items, { nowS: arrivalS, last: playing })[0]?.atS ?? Infinity;
      expect(start).toBeLessThanOrEqual(arrivalS + 1);
      expect(start).toBeGreaterThanOrEqual(arrivalS);
    });

  test('replanning without a newcomer keeps the rhythm', () => {
    expect(plan([first], { nowS: 11, last: playing })[0]?.atS).toBeCloseTo(18.4);
    expect(plan([first], { nowS: 15, last: playing })[0]?.atS).toBeCloseTo(18.4);
  });
});

test('A1, A6: a new critical sounds while the others are silenced; the silenced ones come back by themselves', () => {
  const silenced = sounding('critical', 120, 'silenced');
  expect(plan([silenced])[0]?.atS).toBeCloseTo(120);
  expect(plan([silenced, sounding('critical', 0, 'new')])[0]?.atS).toBeCloseTo(LeadS);
});

test('a low alarm has one burst, once', () => {
  const bursts = plan([sounding('low')]);
  expect(bursts).toHaveLength(1);
  expect(plan([sounding('low')], { sounded: new Set(['low@0']) })).toEqual([]);
});

test('the dead man’s switch sounds 30 s after the hub was last heard', () => {
  const bursts = plan([sounding('lost', 30)]);
  expect(bursts[0]).toMatchObject({ tone: 'lost', atS: 30 });
});
