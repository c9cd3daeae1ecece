import { describe, expect, test } from 'vitest';
import type { TrendPoint } from '../../src/data/readings.ts';
import {
  bandPath,
  gapsOf,
  linePath,
  nearest,
  runsOf,
  samplesOf,
  scaleOf,
  summaryOf,
  timeTicksOf,
} from '../../src/trends/geometry.ts';
import { iso, Noon } from '../some.ts';

const Minute = 60_000;
const span = { fromMs: Noon, toMs: Noon + 60 * Minute };
const box = { width: 600, height: 100 };

const point = (minute: number, value = 70, change: Partial<TrendPoint> = {}): TrendPoint => ({
  at: iso(Noon + minute * Minute),
  min: value,
  max: value,
  avg: value,
  count: 1,
  ...change,
});

const every = (step: number, from: number, to: number) =>
  Array.from({ length: Math.floor((to - from) / step) }, (_, i) => point(from + i * step));

describe('gaps are honest', () => {
  test('no line crosses a silence, and the silence is a gap of its own', () => {
    const samples = samplesOf([...every(1, 0, 20), ...every(1, 40, 60)], 60, span);
    expect(runsOf(samples, 60).map((run) => run.length)).toEqual([20, 20]);
    expect(gapsOf(samples, 60, span)).toEqual([{ fromMs: Noon + 19.5 * Minute, toMs: Noon + 40.5 * Minute }]);
    expect(linePath(runsOf(samples, 60), span, scaleOf(samples), box).match(/M/g)).toHaveLength(2);
  });

  test('a device that speaks every five minutes has a line on a chart of seconds', () => {
    const samples = samplesOf(every(5, 0, 60), 5, span);
    expect(runsOf(samples, 5)).toHaveLength(1);
    expect(gapsOf(samples, 5, span)).toEqual([]);
  });

  test('the silence up to now is a gap too', () => {
    const samples = samplesOf(every(1, 0, 30), 60, span);
    expect(gapsOf(samples, 60, span).at(-1)?.toMs).toBe(span.toMs);
  });

  test('a lone reading is a dot and not nothing', () => {
    const samples = samplesOf([...every(1, 0, 20), point(40), ...every(1, 50, 60)], 60, span);
    expect(runsOf(samples, 60).map((run) => run.length)).toEqual([20, 1, 10]);
    expect(linePath(runsOf(samples, 60), span, scaleOf(samples), box)).toContain('h0.01');
  });

  test('nothing at all is one gap', () => expect(gapsOf([], 60, span)).toEqual([span]));
});

test('the band goes from minimum to maximum of each run', () => {
  const samples = samplesOf([point(0, 70, { min: 60, max: 80 }), point(1, 70, { min: 65, max: 75 })], 60, span);
  const scale = { min: 50, max: 100, ticks: [] };
  expect(bandPath(runsOf(samples, 60), span, scale, box)).toBe('M5.0 40.0L15.0 50.0L15.0 70.0L5.0 80.0Z');
});

test('an axis holds what is on it, in round steps, and is never flat', () => {
  for (const [low, high] of [
    [60, 118],
    [36.4, 36.9],
    [97, 97],
    [0, 0],
    [-70, -64],
    [0.001, 0.002],
    [1e6, 3e6],
  ] as const) {
    const scale = scaleOf(samplesOf([point(0, low), point(1, high)], 60, span));
    expect(scale.min).toBeLessThan(low);
    expect(scale.max).toBeGreaterThan(high);
    expect(scale.ticks.length).toBeGreaterThanOrEqual(3);
    expect(scale.ticks.length).toBeLessThanOrEqual(8);
  }
});

test('time is told at round local times, at most as often as there is room', () => {
  for (const hours of [1, 24, 7 * 24, 30 * 24])
    for (const most of [4, 8, 12]) {
      const ticks = timeTicksOf({ fromMs: Noon, toMs: Noon + hours * 3_600_000 }, most);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThanOrEqual(most + 1);
      for (const tick of ticks) expect(new Date(tick).getMinutes() % 5).toBe(0);
    }
});

test('the nearest sample, and none of none', () => {
  const samples = samplesOf(every(10, 0, 60), 60, span);
  expect(nearest(samples, Noon)).toBe(0);
  expect(nearest(samples, Noon + 26 * Minute)).toBe(3);
  expect(nearest([], Noon)).toBeNull();
});

test('a summary weighs each window by its readings', () => {
  const samples = samplesOf([point(0, 60, { count: 3 }), point(1, 80)], 60, span);
  expect(summaryOf(samples)).toMatchObject({ min: 60, max: 80, avg: 65, count: 4 });
  expect(summaryOf([])).toBeNull();
});

test('a thousand windows are a small path', () => {
  const points = Array.from({ length: 1_000 }, (_, i) => point(i * 0.06, 60 + (i % 40)));
  const samples = samplesOf(points, 3.6, span);
  expect(linePath(runsOf(samples, 3.6), span, scaleOf(samples), box).length).toBeLessThan(16_000);
});
