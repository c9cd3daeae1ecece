/** Readings as the hub would tell them: a night of a person, made of sines, with a silence in it. */

import type { LatestReading, ReadingEvent, Trend, TrendPoint } from '../../src/console/src/data/readings.ts';

const Minute = 60_000;
const windowsMs = [1, 5, 15, 60, 120, 300, 900, 1_800, 3_600].map((seconds) => seconds * 1000);

interface Curve {
  name: string;
  unit: string | null;
  middle: number;
  swing: number;
  places: number;
}

const curves: readonly Curve[] = [
  { name: 'heart_rate', unit: '/min', middle: 72, swing: 9, places: 0 },
  { name: 'spo2', unit: '%', middle: 96, swing: 1.4, places: 0 },
  { name: 'body_temperature', unit: '°C', middle: 36.6, swing: 0.3, places: 1 },
  { name: 'temperature', unit: '°C', middle: 22, swing: 1.5, places: 1 },
  { name: 'battery', unit: '%', middle: 81, swing: 2, places: 0 },
];

export class FakeReadings {
  /** The last word of the person's monitor; everything after it is silence. */
  lastMs: number;

  /** Silence in the middle of everything. */
  gap: { fromMs: number; toMs: number } | null = null;

  /** The heart beats faster from here on. */
  troubleMs: number | null = null;

  events: ReadingEvent[] = [];

  /** Windows that were answered last. */
  answered = 0;

  constructor(nowMs: number) {
    this.lastMs = nowMs;
  }

  answer(path: string, query: URLSearchParams): unknown | undefined {
    const match = /^\/api\/v1\/(residents|devices|alarms)\/([^/]+)\/(readings\/latest|trend|events)$/.exec(path);
    if (match === null) return undefined;
    switch (match[3]) {
      case 'readings/latest':
        return this.latest(match[1] === 'residents' ? 'vit-0012' : decodeURIComponent(match[2] ?? ''));
      case 'events':
        return this.events.filter(({ at }) => at >= (query.get('from') ?? '') && at < (query.get('to') ?? '\uffff'));
      default:
        return this.trend(decodeURIComponent(match[2] ?? ''), query);
    }
  }

  private latest(deviceId: string): LatestReading[] {
    return curves.map((curve) => ({
      deviceId,
      name: curve.name,
      unit: curve.unit,
      value: this.valueOf(curve, this.lastMs),
      at: new Date(this.lastMs).toISOString(),
      staleAfterSeconds: 300,
      daysLeft: curve.name === 'battery' ? 41.3 : null,
    }));
  }

  private trend(deviceId: string, query: URLSearchParams): Trend {
    const [fromMs, toMs] = [Date.parse(query.get('from') ?? ''), Date.parse(query.get('to') ?? '')];
    const most = Number(query.get('points'));
    const windowMs = windowsMs.find((each) => (toMs - fromMs) / each < most) ?? 86_400_000;
    const curve = curves.find(({ name }) => name === query.get('name')) ?? (curves[0] as Curve);
    const points: TrendPoint[] = [];
    for (let at = Math.floor(fromMs / windowMs) * windowMs; at < toMs && at <= this.lastMs; at += windowMs) {
      if (this.gap !== null && at >= this.gap.fromMs && at < this.gap.toMs) continue;
      const samples = Array.from({ length: 6 }, (_, i) => this.valueOf(curve, at + (i * windowMs) / 6));
      points.push({
        at: new Date(at).toISOString(),
        min: Math.min(...samples),
        max: Math.max(...samples),
        avg: samples.reduce((sum, each) => sum + each, 0) / samples.length,
        count: Math.max(1, Math.round(windowMs / 10_000)),
      });
    }
    this.answered = points.length;
    return {
      deviceId,
      name: curve.name,
      unit: curve.unit,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      windowSeconds: windowMs / 1000,
      points,
    };
  }

  private valueOf({ name, middle, swing, places }: Curve, ms: number): number {
    const noise = Math.sin(ms / 9_000) * 0.3 + Math.sin(ms / 37_000) * 0.4 + Math.sin(ms / 610_000) * 0.6;
    const trouble =
      name === 'heart_rate' && this.troubleMs !== null && ms > this.troubleMs
        ? Math.min(46, (ms - this.troubleMs) / (Minute / 4))
        : 0;
    return Number((middle + swing * (Math.sin(ms / 7_000_000) + noise) + trouble).toFixed(places));
  }
}
