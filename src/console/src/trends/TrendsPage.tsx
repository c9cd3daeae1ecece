import { useState } from 'react';
import { useServerNowMs } from '../clock/ServerTime.tsx';
import {
  csvUrl,
  getTrend,
  type LatestReading,
  latestReadings,
  listEvents,
  type ReadingEvent,
  type Subject,
} from '../data/readings.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { wireWord } from '../i18n/translate.ts';
import { Freshness } from './Freshness.tsx';
import type { Span } from './geometry.ts';
import { TrendChart } from './TrendChart.tsx';
import { TrendTable, windowText } from './TrendTable.tsx';
import { momentText } from './time.ts';
import { useLoaded } from './useLoaded.ts';
import { byImportance, isMarked, numberText, readingLabel, unitText } from './words.ts';
import './trends.css';

const Hour = 3_600_000;
const ranges = { hour: Hour, day: 24 * Hour, week: 7 * 24 * Hour, month: 30 * 24 * Hour } as const;
type Range = keyof typeof ranges;

/** Windows asked for: more than a chart of a desk has pixels to tell apart is wasted. */
const PointsAsked = 600;
const RefreshMs = 30_000;
/** A person with more devices than this has the most important shown. */
const ChartsMax = 12;

/** The readings of a person or a device over an hour up to a month. */
export default function TrendsPage({
  subject,
  title,
  onBack,
}: {
  subject: Subject;
  title: string;
  onBack: () => void;
}) {
  const { t } = useLanguage();
  const nowMs = useServerNowMs();
  const [range, setRange] = useState<Range>('day');
  const key = `${subject.kind}/${subject.id}`;
  const latest = useLoaded(key, () => latestReadings(subject), RefreshMs);
  const readings = latest.value === null ? null : [...latest.value].sort(byImportance).slice(0, ChartsMax);
  // One end for all charts, moved by the refresh of the newest values.
  const [end, setEnd] = useState<{ of: unknown; ms: number } | null>(null);
  if (latest.value !== null && end?.of !== latest.value)
    setEnd({ of: latest.value, ms: Math.ceil((nowMs() ?? Date.now()) / 1000) * 1000 });
  const span = end === null ? null : { fromMs: end.ms - ranges[range], toMs: end.ms };
  return (
    <section className="page trends" aria-labelledby="trends-heading">
      <header className="trends-header">
        <h2 id="trends-heading">{t('trend.heading', { name: title })}</h2>
        <fieldset className="trend-ranges">
          <legend className="visually-hidden">{t('trend.range')}</legend>
          {(Object.keys(ranges) as Range[]).map((each) => (
            <button
              key={each}
              type="button"
              className="action"
              aria-pressed={each === range}
              onClick={() => setRange(each)}
            >
              {t(`trend.range.${each}`)}
            </button>
          ))}
        </fieldset>
        <button type="button" className="action" onClick={onBack}>
          {t('trend.back')}
        </button>
      </header>
      {latest.failed && (
        <p role="alert" className="load-failed">
          {t('list.failed')}{' '}
          <button type="button" onClick={latest.retry}>
            {t('detail.retry')}
          </button>
        </p>
      )}
      {readings === null && !latest.failed && <p className="quiet">{t('app.loading')}</p>}
      {readings?.length === 0 && <p className="quiet">{t('trend.noReadings')}</p>}
      {readings !== null && span !== null && readings.length > 0 && (
        <Charts key={key + range} subject={subject} readings={readings} span={span} />
      )}
      {latest.value !== null && latest.value.length > ChartsMax && (
        <p className="quiet">{t('trend.more', { count: String(latest.value.length - ChartsMax) })}</p>
      )}
    </section>
  );
}

function Charts({ subject, readings, span }: { subject: Subject; readings: readonly LatestReading[]; span: Span }) {
  const { value: events } = useLoaded(
    `${subject.kind}/${subject.id}/${span.fromMs}/${span.toMs}`,
    () => listEvents(subject, span.fromMs, span.toMs),
    null,
  );
  const several = new Set(readings.map(({ deviceId }) => deviceId)).size > 1;
  return (
    <>
      {readings.map((reading) => (
        <Chart
          key={reading.deviceId + reading.name}
          reading={reading}
          span={span}
          events={events ?? []}
          named={several}
        />
      ))}
      <EventList events={(events ?? []).filter(isMarked)} />
    </>
  );
}

interface ChartProps {
  reading: LatestReading;
  span: Span;
  events: readonly ReadingEvent[];
  named: boolean;
}

function Chart({ reading, span, events, named }: ChartProps) {
  const { t, language } = useLanguage();
  const [table, setTable] = useState(false);
  const { deviceId, name, unit } = reading;
  const length = span.toMs - span.fromMs;
  // The old curve stays until the new one has come: its key is the length of time, its own span goes with it.
  const loaded = useLoaded(
    `${deviceId}/${name}/${length}`,
    () => getTrend(deviceId, name, span.fromMs, span.toMs, PointsAsked),
    null,
    span.toMs,
  );
  const trend = loaded.value;
  const shown = trend === null ? span : { fromMs: Date.parse(trend.from), toMs: Date.parse(trend.to) };
  return (
    <article className="card trend">
      <header>
        <h3>
          {readingLabel(name, language)} {named && <span className="quiet">{deviceId}</span>}
        </h3>
        <p className="latest">
          <strong className="digits">{numberText(reading.value)}</strong> {unitText(unit, language)} ·{' '}
          <Freshness reading={reading} />
          {reading.daysLeft !== null && <span> · {t('trend.daysLeft', { days: Math.floor(reading.daysLeft) })}</span>}
        </p>
        <p className="trend-tools">
          {trend !== null && (
            <span className="quiet">{t('trend.window', { seconds: windowText(trend.windowSeconds) })}</span>
          )}
          <button type="button" aria-expanded={table} onClick={() => setTable(!table)}>
            {t(table ? 'trend.table.hide' : 'trend.table.show')}
          </button>
          <a href={csvUrl(deviceId, name, span.fromMs, span.toMs)} download>
            {t('trend.csv')}
          </a>
        </p>
      </header>
      {loaded.failed && (
        <p role="alert">
          {t('list.failed')}{' '}
          <button type="button" onClick={loaded.retry}>
            {t('detail.retry')}
          </button>
        </p>
      )}
      {trend === null ? (
        !loaded.failed && <p className="quiet trend-waiting">{t('app.loading')}</p>
      ) : (
        <TrendChart trend={trend} span={shown} events={events} />
      )}
      {table && trend !== null && <TrendTable trend={trend} />}
    </article>
  );
}

function EventList({ events }: { events: readonly ReadingEvent[] }) {
  const { t, language } = useLanguage();
  return (
    <section className="card">
      <h3>{t('trend.events')}</h3>
      {events.length === 0 && <p className="quiet">{t('trend.events.none')}</p>}
      <ul className="trend-events">
        {[...events].reverse().map(({ at, alarmId, kind, event }) => (
          <li key={alarmId + at + event}>
            <time className="digits">{momentText(Date.parse(at), language)}</time> {wireWord(language, 'kind', kind)} ·{' '}
            {wireWord(language, 'event', event)}
          </li>
        ))}
      </ul>
    </section>
  );
}
