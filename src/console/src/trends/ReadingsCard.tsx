import { useServerNowMs } from '../clock/ServerTime.tsx';
import type { Alarm } from '../data/alarms.ts';
import {
  getTrend,
  type LatestReading,
  latestReadings,
  listEvents,
  type ReadingEvent,
  type Subject,
} from '../data/readings.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { Freshness } from './Freshness.tsx';
import { type Span, samplesOf, summaryOf } from './geometry.ts';
import { Sparkline } from './Sparkline.tsx';
import { trendsHash } from './subject.ts';
import { useLoaded } from './useLoaded.ts';
import { byImportance, isOwnState, numberText, readingLabel, unitText, valueText } from './words.ts';
import './trends.css';

const BeforeMs = 3_600_000;
/** What follows the alarm is shown too, so far as it has happened. */
const AfterMs = 900_000;
const ShownMax = 6;
const PointsAsked = 120;
const RefreshMs = 15_000;

const subjectOf = (alarm: Alarm): Subject =>
  alarm.resident === null ? { kind: 'device', id: alarm.device.id } : { kind: 'resident', id: alarm.resident.id };

/** What was measured in the hour before the alarm, and what the values are now. */
export default function ReadingsCard({ alarm }: { alarm: Alarm }) {
  const { t } = useLanguage();
  const subject = subjectOf(alarm);
  const { value, failed, retry } = useLoaded(`${subject.kind}/${subject.id}`, () => latestReadings(subject), RefreshMs);
  const readings = value === null ? null : shownOf(value);
  return (
    <section className="card readings">
      <h3>
        {t('trend.card')}{' '}
        <a href={trendsHash(subject)} className="open-trends">
          {t('trend.open')}
        </a>
      </h3>
      {failed && (
        <p role="alert">
          {t('list.failed')}{' '}
          <button type="button" onClick={retry}>
            {t('detail.retry')}
          </button>
        </p>
      )}
      {readings === null && !failed && <p className="quiet">{t('app.loading')}</p>}
      {readings?.length === 0 && <p className="quiet">{t('trend.noReadings')}</p>}
      {readings !== null && readings.length > 0 && <Rows alarm={alarm} subject={subject} readings={readings} />}
    </section>
  );
}

/** A device's own battery and signal only where nothing else is measured. */
function shownOf(latest: readonly LatestReading[]): LatestReading[] {
  const sorted = [...latest].sort(byImportance);
  const measured = sorted.filter(({ name }) => !isOwnState(name));
  return (measured.length > 0 ? measured : sorted).slice(0, ShownMax);
}

function Rows({ alarm, subject, readings }: { alarm: Alarm; subject: Subject; readings: readonly LatestReading[] }) {
  const nowMs = useServerNowMs();
  const atMs = Date.parse(alarm.occurredAt);
  // Grows until the quarter of an hour after the alarm is over.
  const toMs = Math.min(atMs + AfterMs, Math.max(atMs + 60_000, Math.ceil((nowMs() ?? atMs) / 15_000) * 15_000));
  const span = { fromMs: atMs - BeforeMs, toMs };
  const { value: events } = useLoaded(
    `${alarm.id}/${subject.id}`,
    () => listEvents(subject, span.fromMs, atMs + AfterMs),
    RefreshMs,
  );
  return (
    <ul className="reading-rows">
      {readings.map((reading) => (
        <Row key={reading.deviceId + reading.name} reading={reading} span={span} atMs={atMs} events={events ?? []} />
      ))}
    </ul>
  );
}

interface RowProps {
  reading: LatestReading;
  span: Span;
  atMs: number;
  events: readonly ReadingEvent[];
}

function Row({ reading, span, atMs, events }: RowProps) {
  const { t, language } = useLanguage();
  const { deviceId, name, unit } = reading;
  const { value: trend, failed } = useLoaded(
    `${deviceId}/${name}/${span.fromMs}`,
    () => getTrend(deviceId, name, span.fromMs, span.toMs, PointsAsked),
    RefreshMs,
  );
  const summary = trend === null ? null : summaryOf(samplesOf(trend.points, trend.windowSeconds, span));
  const text = (each: number) => valueText(each, unit, language);
  const label = readingLabel(name, language);
  const course =
    summary === null
      ? t('trend.none')
      : t('trend.summary', { min: text(summary.min), max: text(summary.max), last: text(summary.last.avg) });
  return (
    <li>
      <span className="reading-name">{label}</span>
      <span className="reading-value">
        <strong className="digits">{numberText(reading.value)}</strong> {unitText(unit, language)}
      </span>
      <Freshness reading={reading} />
      {trend === null || summary === null ? (
        <span className="quiet no-curve">
          {trend !== null ? t('trend.none') : t(failed ? 'trend.failed' : 'app.loading')}
        </span>
      ) : (
        <span className="curve">
          <Sparkline trend={trend} span={span} events={events} markMs={atMs} label={`${label}: ${course}`} />
          <span className="quiet digits">
            {numberText(summary.min)} – {numberText(summary.max)}
          </span>
        </span>
      )}
    </li>
  );
}
