import type { ReadingEvent, Trend } from '../data/readings.ts';
import { bandPath, gapsOf, linePath, runsOf, type Span, samplesOf, scaleOf, xOf } from './geometry.ts';
import { isBeginning } from './words.ts';

const box = { width: 240, height: 44 };

interface Props {
  trend: Trend;
  span: Span;
  events: readonly ReadingEvent[];
  /** The alarm in question. */
  markMs: number | null;
  label: string;
}

/** The course of a value at a glance; the words beside it say the same. */
export function Sparkline({ trend, span, events, markMs, label }: Props) {
  const samples = samplesOf(trend.points, trend.windowSeconds, span);
  const scale = scaleOf(samples);
  const runs = runsOf(samples, trend.windowSeconds);
  return (
    <svg
      className="sparkline"
      viewBox={`0 -2 ${box.width} ${box.height + 4}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {gapsOf(samples, trend.windowSeconds, span).map((gap) => (
        <rect
          key={gap.fromMs}
          className="gap"
          x={xOf(gap.fromMs, span, box)}
          width={xOf(gap.toMs, span, box) - xOf(gap.fromMs, span, box)}
          height={box.height}
        />
      ))}
      <path className="band" d={bandPath(runs, span, scale, box)} />
      <path className="line" d={linePath(runs, span, scale, box)} />
      {events.filter(isBeginning).map(({ at, alarmId }) => (
        <path key={alarmId + at} className="mark" d={`M${xOf(Date.parse(at), span, box).toFixed(1)} 0V${box.height}`} />
      ))}
      {markMs !== null && <path className="mark now" d={`M${xOf(markMs, span, box).toFixed(1)} 0V${box.height}`} />}
    </svg>
  );
}
