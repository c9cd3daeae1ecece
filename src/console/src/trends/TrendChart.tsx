import { type KeyboardEvent, memo, type PointerEvent, useMemo, useState } from 'react';
import type { ReadingEvent, Trend } from '../data/readings.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { wireWord } from '../i18n/translate.ts';
import {
  type Box,
  bandPath,
  gapsOf,
  linePath,
  nearest,
  runsOf,
  type Sample,
  type Span,
  samplesOf,
  scaleOf,
  summaryOf,
  timeTicksOf,
  xOf,
  yOf,
} from './geometry.ts';
import { dayOrTime, momentText } from './time.ts';
import { useWidth } from './useWidth.ts';
import { isBeginning, numberText, readingLabel, roomFor, valueText } from './words.ts';

const PlotHeight = 168;
const Left = 56;
const Right = 16;
const Top = 26;
const Bottom = 26;
/** A gap narrower than this has no room for a word. */
const GapTextPx = 72;

interface Props {
  trend: Trend;
  span: Span;
  events: readonly ReadingEvent[];
}

/** One value over time: the average as a line, minimum to maximum as a band, gaps left empty, events marked. */
export function TrendChart({ trend, span, events }: Props) {
  const { t, language } = useLanguage();
  const [frame, width] = useWidth();
  const [chosen, setChosen] = useState<number | null>(null);
  const box = useMemo(() => ({ width: Math.max(80, width - Left - Right), height: PlotHeight }), [width]);
  const samples = useMemo(() => samplesOf(trend.points, trend.windowSeconds, span), [trend, span]);
  const at = chosen === null ? null : nearest(samples, chosen);
  const sample = at === null ? null : (samples[at] ?? null);

  const choose = (event: PointerEvent<HTMLDivElement>) => {
    const { left } = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - left - Left) / box.width;
    setChosen(span.fromMs + Math.min(1, Math.max(0, share)) * (span.toMs - span.fromMs));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = samples.length - 1;
    const from = at ?? last;
    const next = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key];
    if (next === undefined || last < 0) return;
    event.preventDefault();
    setChosen(samples[Math.min(last, Math.max(0, at === null ? last : next))]?.ms ?? null);
  };

  const label = readingLabel(trend.name, language);
  return (
    <div className="trend-chart" ref={frame}>
      <div
        role="slider"
        tabIndex={0}
        aria-label={t('trend.chart', { name: label })}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, samples.length - 1)}
        aria-valuenow={at ?? Math.max(0, samples.length - 1)}
        aria-valuetext={sample === null ? overview(trend, samples, t, language) : readout(sample)}
        onPointerMove={choose}
        onPointerDown={choose}
        onPointerLeave={() => setChosen(null)}
        onBlur={() => setChosen(null)}
        onKeyDown={onKeyDown}
      >
        <Ground trend={trend} samples={samples} span={span} events={events} box={box} />
        {sample !== null && (
          <svg className="over" width={width} height={PlotHeight + Top + Bottom} aria-hidden="true">
            <g transform={`translate(${Left} ${Top})`}>
              <path className="cursor" d={`M${xOf(sample.ms, span, box).toFixed(1)} 0V${box.height}`} />
            </g>
          </svg>
        )}
      </div>
      <p className="readout digits">{sample === null ? ' ' : readout(sample)}</p>
    </div>
  );

  function readout({ ms, min, max, avg, count }: Sample): string {
    const value = valueText(avg, trend.unit, language);
    const when = momentText(ms - trend.windowSeconds * 500, language);
    return count === 1
      ? t('trend.readout.one', { when, value })
      : t('trend.readout', { when, value, min: numberText(min), max: numberText(max), count });
  }
}

interface GroundProps extends Props {
  samples: Sample[];
  box: Box;
}

/** All that stays where it is while somebody walks along the line: with ten thousand points it is drawn once, and not for each step. */
const Ground = memo(function Ground({ trend, samples, span, events, box }: GroundProps) {
  return (
    <svg className="ground" width={box.width + Left + Right} height={PlotHeight + Top + Bottom} aria-hidden="true">
      <g transform={`translate(${Left} ${Top})`}>
        <Axes samples={samples} span={span} box={box} />
        <Curve trend={trend} samples={samples} span={span} box={box} />
        <Marks events={events} span={span} box={box} />
      </g>
    </svg>
  );
});

function Axes({ samples, span, box }: { samples: Sample[]; span: Span; box: Box }) {
  const { language } = useLanguage();
  const scale = scaleOf(samples);
  return (
    <>
      {scale.ticks.map((tick) => {
        const y = yOf(tick, scale, box);
        return (
          <g key={tick}>
            <path className="grid" d={`M0 ${y.toFixed(1)}H${box.width}`} />
            <text className="tick digits" x={-8} y={y + 5} textAnchor="end">
              {Number(tick.toFixed(2))}
            </text>
          </g>
        );
      })}
      {timeTicksOf(span, Math.max(2, Math.floor(box.width / 110))).map((ms) => (
        <g key={ms}>
          <path className="grid" d={`M${xOf(ms, span, box).toFixed(1)} 0v${box.height}`} />
          <text
            className="tick digits"
            x={xOf(ms, span, box)}
            y={box.height + 20}
            // The last one has no room beyond the chart.
            textAnchor={xOf(ms, span, box) > box.width - Right ? 'end' : 'middle'}
          >
            {dayOrTime(ms, span, language)}
          </text>
        </g>
      ))}
    </>
  );
}

function Curve({ trend, samples, span, box }: { trend: Trend; samples: Sample[]; span: Span; box: Box }) {
  const { t } = useLanguage();
  const scale = scaleOf(samples);
  const runs = runsOf(samples, trend.windowSeconds);
  return (
    <>
      {gapsOf(samples, trend.windowSeconds, span).map((gap) => {
        const [from, to] = [xOf(gap.fromMs, span, box), xOf(gap.toMs, span, box)];
        return (
          <g key={gap.fromMs}>
            <rect className="gap" x={from} width={to - from} height={box.height} />
            {to - from > GapTextPx && (
              <text className="gap-text" x={(from + to) / 2} y={box.height / 2} textAnchor="middle">
                {t('trend.gap')}
              </text>
            )}
          </g>
        );
      })}
      <path className="band" d={bandPath(runs, span, scale, box)} />
      <path className="line" d={linePath(runs, span, scale, box)} />
    </>
  );
}

/** Room that a word at the head of a mark takes. */
const MarkTextPx = 92;

function Marks({ events, span, box }: { events: readonly ReadingEvent[]; span: Span; box: Box }) {
  const { language } = useLanguage();
  const beginnings = events.filter(isBeginning).map((event) => ({ event, x: xOf(Date.parse(event.at), span, box) }));
  const named = roomFor(beginnings, MarkTextPx);
  return beginnings.map((mark) => {
    const { event, x } = mark;
    return (
      <g key={event.alarmId + event.at} className={`event ${event.priority}`}>
        <path className="mark" d={`M${x.toFixed(1)} -4V${box.height}`} />
        {named.has(mark) && (
          <text x={x} y={-10} textAnchor={x > box.width - MarkTextPx / 2 ? 'end' : 'middle'}>
            {event.priority === 'critical' ? '▲' : event.priority === 'low' ? '●' : '◆'}{' '}
            {wireWord(language, 'kind', event.kind)}
          </text>
        )}
      </g>
    );
  });
}

function overview(
  trend: Trend,
  samples: Sample[],
  t: ReturnType<typeof useLanguage>['t'],
  language: ReturnType<typeof useLanguage>['language'],
): string {
  const summary = summaryOf(samples);
  if (summary === null) return t('trend.none');
  const text = (value: number) => valueText(value, trend.unit, language);
  return t('trend.summary', { min: text(summary.min), max: text(summary.max), last: text(summary.last.avg) });
}
