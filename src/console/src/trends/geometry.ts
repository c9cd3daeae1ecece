import type { TrendPoint } from '../data/readings.ts';

export interface Sample {
  /** The middle of its window. */
  ms: number;
  min: number;
  max: number;
  avg: number;
  count: number;
}

export interface Scale {
  min: number;
  max: number;
  ticks: number[];
}

export interface Span {
  fromMs: number;
  toMs: number;
}

/** A step wider than this many usual ones is a gap. */
const GapSteps = 2.5;

/** The points at the middle of their windows, none outside the chart. */
export function samplesOf(points: readonly TrendPoint[], windowSeconds: number, span: Span): Sample[] {
  const half = (windowSeconds * 1000) / 2;
  return points.map(({ at, ...rest }) => ({
    ms: Math.min(span.toMs, Math.max(span.fromMs, Date.parse(at) + half)),
    ...rest,
  }));
}

/**
 * Samples that belong together: a line is drawn within a run and never across what separates two. A device that speaks
 * every five minutes is not all gaps on a chart of seconds, so what counts is its usual step, and at least the window.
 */
export function runsOf(samples: readonly Sample[], windowSeconds: number): Sample[][] {
  const gapMs = gapMsOf(samples, windowSeconds);
  const runs: Sample[][] = [];
  for (const sample of samples) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined && sample.ms - last.ms <= gapMs) run.push(sample);
    else runs.push([sample]);
  }
  return runs;
}

/** The times without a reading that are long enough to be a gap: before, between and after the runs. */
export function gapsOf(samples: readonly Sample[], windowSeconds: number, span: Span): Span[] {
  if (samples.length === 0) return [span];
  const gapMs = gapMsOf(samples, windowSeconds);
  const edges = [span.fromMs, ...samples.map(({ ms }) => ms), span.toMs];
  const gaps: Span[] = [];
  for (let i = 1; i < edges.length; i++) {
    const [fromMs, toMs] = [edges[i - 1] as number, edges[i] as number];
    if (toMs - fromMs > gapMs) gaps.push({ fromMs, toMs });
  }
  return gaps;
}

function gapMsOf(samples: readonly Sample[], windowSeconds: number): number {
  const steps = samples
    .slice(1)
    .map(({ ms }, i) => ms - (samples[i] as Sample).ms)
    .sort((a, b) => a - b);
  const usual = steps[Math.floor(steps.length / 2)] ?? 0;
  return Math.max(windowSeconds * 1000 * 1.5, usual * GapSteps);
}

/** An axis of round numbers that holds every minimum and maximum, and is never flat. */
export function scaleOf(samples: readonly Sample[], ticks = 4): Scale {
  const low = Math.min(...samples.map(({ min }) => min));
  const high = Math.max(...samples.map(({ max }) => max));
  if (!Number.isFinite(low)) return { min: 0, max: 1, ticks: [] };
  const room = Math.max((high - low) * 0.08, Math.abs(high) * 0.01, 0.5);
  const step = roundStep((high - low + 2 * room) / ticks);
  const min = Math.floor((low - room) / step) * step;
  const max = Math.ceil((high + room) / step) * step;
  const count = Math.round((max - min) / step);
  return { min, max, ticks: Array.from({ length: count + 1 }, (_, i) => clean(min + i * step)) };
}

/** 1, 2 or 5 times a power of ten. */
function roundStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = raw / power;
  return (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10) * power;
}

const clean = (value: number) => Number(value.toPrecision(12));

const Minute = 60_000;
const Hour = 60 * Minute;
const TimeSteps = [5 * Minute, 10 * Minute, 15 * Minute, 30 * Minute, Hour, 2 * Hour, 4 * Hour, 6 * Hour, 12 * Hour];
const DaySteps = [1, 2, 5, 7, 14];

/** Round local times inside the span, at most so many. */
export function timeTicksOf({ fromMs, toMs }: Span, most: number): number[] {
  const days = (toMs - fromMs) / (24 * Hour);
  const step = TimeSteps.find((each) => (toMs - fromMs) / each <= most);
  const ticks: number[] = [];
  const at = new Date(fromMs);
  at.setHours(0, 0, 0, 0);
  if (step !== undefined && days <= 3) {
    for (let ms = at.getTime(); ms <= toMs; ms += step) if (ms >= fromMs) ticks.push(ms);
    return ticks;
  }
  const dayStep = DaySteps.find((each) => days / each <= most) ?? Math.ceil(days / most);
  for (; at.getTime() <= toMs; at.setDate(at.getDate() + dayStep)) if (at.getTime() >= fromMs) ticks.push(at.getTime());
  return ticks;
}

export interface Box {
  width: number;
  height: number;
}

export const xOf = (ms: number, { fromMs, toMs }: Span, box: Box) => ((ms - fromMs) / (toMs - fromMs)) * box.width;

export const yOf = (value: number, scale: Scale, box: Box) =>
  box.height - ((value - scale.min) / (scale.max - scale.min)) * box.height;

const at = (x: number, y: number) => `${x.toFixed(1)} ${y.toFixed(1)}`;

/** The averages of each run as one path; a run of one is a stroke of no length, which a round cap makes a dot. */
export function linePath(runs: readonly Sample[][], span: Span, scale: Scale, box: Box): string {
  return runs
    .map((run) => {
      const points = run.map(({ ms, avg }) => at(xOf(ms, span, box), yOf(avg, scale, box)));
      return `M${points.join('L')}${run.length === 1 ? 'h0.01' : ''}`;
    })
    .join('');
}

/** From minimum to maximum, along each run and back. */
export function bandPath(runs: readonly Sample[][], span: Span, scale: Scale, box: Box): string {
  return runs
    .filter((run) => run.length > 1)
    .map((run) => {
      const over = run.map(({ ms, max }) => at(xOf(ms, span, box), yOf(max, scale, box)));
      const back = run.map(({ ms, min }) => at(xOf(ms, span, box), yOf(min, scale, box))).reverse();
      return `M${[...over, ...back].join('L')}Z`;
    })
    .join('');
}

/** The sample nearest to a time, by its place in the list; null when there is none. */
export function nearest(samples: readonly Sample[], ms: number): number | null {
  if (samples.length === 0) return null;
  let best = 0;
  for (let i = 1; i < samples.length; i++)
    if (Math.abs((samples[i] as Sample).ms - ms) < Math.abs((samples[best] as Sample).ms - ms)) best = i;
  return best;
}

export interface Summary {
  min: number;
  max: number;
  avg: number;
  last: Sample;
  count: number;
}

export function summaryOf(samples: readonly Sample[]): Summary | null {
  const last = samples.at(-1);
  if (last === undefined) return null;
  const count = samples.reduce((sum, each) => sum + each.count, 0);
  return {
    min: Math.min(...samples.map(({ min }) => min)),
    max: Math.max(...samples.map(({ max }) => max)),
    avg: samples.reduce((sum, each) => sum + each.avg * each.count, 0) / count,
    last,
    count,
  };
}
