import { type InfluxState, type SpoolState, telemetryState } from '../data/telemetry.ts';
import { Fact } from '../detail/Fact.tsx';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { ageText, dateTimeText } from '../i18n/time.ts';
import { useLoaded } from '../trends/useLoaded.ts';

const RefreshMs = 5_000;

/** Whether readings arrive where they belong, and what waits: an outage of InfluxDB is seen here and not guessed from a chart that ends. */
export function TelemetryStatus() {
  const { t } = useLanguage();
  const { value, failed, retry } = useLoaded('status', telemetryState, RefreshMs);
  return (
    <section className="telemetry-status" aria-labelledby="telemetry-heading">
      <h2 id="telemetry-heading">{t('telemetry.heading')}</h2>
      {failed && (
        <p role="alert" className="load-failed">
          {t('list.failed')}{' '}
          <button type="button" onClick={retry}>
            {t('detail.retry')}
          </button>
        </p>
      )}
      {value === null && !failed && <p className="quiet">{t('app.loading')}</p>}
      {value !== null && (
        <div className="card">
          <Spool spool={value.spool} />
          {value.influx === null ? (
            <p className="quiet">{t('telemetry.noInflux')}</p>
          ) : (
            <Influx influx={value.influx} />
          )}
        </div>
      )}
    </section>
  );
}

function Spool({ spool }: { spool: SpoolState }) {
  const { t, language } = useLanguage();
  const share = Math.floor((100 * spool.bytes) / spool.bytesMax);
  return (
    <dl className="facts two-columns">
      <Fact label={t('telemetry.spool')} strong={spool.failing}>
        {spool.failing ? t('telemetry.spool.failing') : t('telemetry.spool.used', { share, mb: megabytes(spool) })}
      </Fact>
      <Fact label={t('telemetry.notApplied')}>{count(spool.notApplied, language)}</Fact>
      <Fact label={t('telemetry.shed')} strong={spool.shed > 0}>
        {count(spool.shed, language)}
        {spool.lastShedAt !== null && ` · ${dateTimeText(spool.lastShedAt, language)}`}
      </Fact>
    </dl>
  );
}

function Influx({ influx }: { influx: InfluxState }) {
  const { t, language } = useLanguage();
  const state = influx.refused ? 'refused' : influx.failing ? 'away' : 'well';
  return (
    <dl className="facts two-columns">
      <Fact label="InfluxDB" strong={state !== 'well'}>
        {state !== 'well' && '▲ '}
        {t(`telemetry.influx.${state}`)}
      </Fact>
      <Fact label={t('telemetry.lag')} strong={state !== 'well'}>
        {t('telemetry.lag.text', {
          age: ageText(influx.lagSeconds * 1000, t),
          count: count(influx.readingsWaiting, language),
        })}
      </Fact>
      <Fact label={t('telemetry.lastError')}>
        {influx.lastError === null || influx.lastErrorAt === null
          ? t('telemetry.none')
          : `${dateTimeText(influx.lastErrorAt, language)} · ${influx.lastError}`}
      </Fact>
      <Fact label={t('telemetry.rejected')} strong={influx.pointsRejected > 0}>
        {count(influx.pointsRejected, language)}
        {influx.lastRejectedAt !== null &&
          ` · ${dateTimeText(influx.lastRejectedAt, language)} · ${influx.lastRejectReason}`}
      </Fact>
      <Fact label={t('telemetry.forwarded')}>{count(influx.readingsForwarded, language)}</Fact>
      <Fact label={t('telemetry.readingsShed')} strong={influx.readingsShed > 0}>
        {count(influx.readingsShed, language)}
      </Fact>
    </dl>
  );
}

const count = (n: number, language: string) => new Intl.NumberFormat(language).format(n);

const megabytes = ({ bytesMax }: SpoolState) => Math.round(bytesMax / 1_048_576);
