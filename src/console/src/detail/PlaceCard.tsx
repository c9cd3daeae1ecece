import { Age } from '../clock/ServerTime.tsx';
import type { AlarmDetail } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { Fact } from './Fact.tsx';

/** Where it is and what reported it, with how old each statement is. */
export function PlaceCard({ detail }: { detail: AlarmDetail }) {
  const { t } = useLanguage();
  const { deviceCard: device, siteCard: site } = detail;
  return (
    <section className="card">
      <h3>{t('detail.place')}</h3>
      <dl className="facts two-columns">
        <Fact label={t('detail.address')} strong>
          {site?.address ?? detail.site.address}
        </Fact>
        <Fact label={t('detail.access')}>{site?.accessNotes}</Fact>
        <Fact label={t('detail.region')}>{detail.region.name}</Fact>
        <Fact label={t('detail.device')}>
          {detail.device.name}
          {device?.model ? ` · ${device.model}` : ''}
        </Fact>
        <Fact label={t('detail.lastHeard')}>
          {device?.lastHeardAt ? (
            <>
              {device.online ? t('detail.online') : t('detail.offline')} · <Ago since={device.lastHeardAt} />
            </>
          ) : null}
        </Fact>
        <Fact label={t('detail.battery')}>
          {device === null || device.battery === null ? null : (
            <Battery percent={device.battery} readAt={device.batteryAt} />
          )}
        </Fact>
      </dl>
    </section>
  );
}

function Ago({ since }: { since: string }) {
  const { t } = useLanguage();
  const [before, after] = t('detail.ago', { age: '\u0000' }).split('\u0000');
  return (
    <>
      {before}
      <Age since={since} />
      {after}
    </>
  );
}

function Battery({ percent, readAt }: { percent: number; readAt: string | null }) {
  return (
    <>
      <span className="digits">{percent} %</span>
      {readAt !== null && (
        <>
          {' · '}
          <Ago since={readAt} />
        </>
      )}
    </>
  );
}
