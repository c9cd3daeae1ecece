import { describe, expect, test } from 'vitest';
import { Bursts, burstMs, pulsesOf } from '../../src/sound/bursts.ts';
import { renderBurst } from '../../src/sound/waveform.ts';

describe('bursts', () => {
  test('critical: ten pulses as (3+2) × 2', () => {
    const starts = pulsesOf(Bursts.critical).map(({ atMs }) => atMs);
    expect(starts).toEqual([0, 250, 500, 1000, 1250, 2000, 2250, 2500, 3000, 3250]);
    expect(burstMs(Bursts.critical)).toBe(3400);
  });

  test('high and medium: three pulses, 15 s apart', () => {
    expect(pulsesOf(Bursts.high)).toHaveLength(3);
    expect(burstMs(Bursts.high)).toBe(1000);
    expect(Bursts.medium.repeatAfterMs).toBe(15_000);
  });

  test('low: one pulse, never repeated', () => {
    expect(pulsesOf(Bursts.low)).toEqual([{ atMs: 0, durationMs: 200 }]);
    expect(Bursts.low.repeatAfterMs).toBeNull();
  });
});

describe('the waveform', () => {
  const rate = 8_000;
  const peak = (samples: Float32Array) => samples.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);

  test('is silent in the gaps and sounds in the pulses', () => {
    const samples = renderBurst(Bursts.critical, rate);
    const between = (fromMs: number, toMs: number) => samples.slice((fromMs / 1000) * rate, (toMs / 1000) * rate);
    expect(peak(between(151, 249))).toBe(0);
    expect(peak(between(1401, 1999))).toBe(0);
    expect(peak(between(2000, 2150))).toBeGreaterThan(0.3);
  });

  test('never clips, and is softer for what matters less', () => {
    const peaks = [Bursts.critical, Bursts.high, Bursts.low].map((burst) => peak(renderBurst(burst, rate)));
    expect(peaks[0]).toBeLessThanOrEqual(0.9);
    expect(peaks[0]).toBeGreaterThan(peaks[1] ?? 1);
    expect(peaks[1]).toBeGreaterThan(peaks[2] ?? 1);
  });

  test('starts and ends each pulse at zero, so that nothing clicks', () => {
    const samples = renderBurst(Bursts.low, rate);
    expect(samples[0]).toBe(0);
    expect(Math.abs(samples.at(-1) ?? 1)).toBeLessThan(0.02);
  });
});
