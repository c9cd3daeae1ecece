import { lazy, Suspense } from 'react';
import { Elapsed, useServerNowMs } from '../clock/ServerTime.tsx';
import { useTicking } from '../clock/ticker.ts';
import type { Alarm, AlarmDetail, UserRef } from '../data/alarms.ts';
import { Contained } from '../duty/Contained.tsx';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { clockText } from '../i18n/time.ts';
import { wireWord } from '../i18n/translate.ts';
import { Kind } from '../queue/AlarmRow.tsx';
import { Badges } from '../queue/Badges.tsx';
import { Marker } from '../queue/Marker.tsx';
import { isSuspected, personText, placeText, siteText } from '../queue/words.ts';
import { DecidedSignals } from './DecidedSignals.tsx';
import { ExplainedAlarms } from './ExplainedAlarms.tsx';
import { PlaceCard } from './PlaceCard.tsx';
import { ResidentCardView } from './ResidentCardView.tsx';
import { Timeline } from './Timeline.tsx';

const ReadingsCard = lazy(() => import('../trends/ReadingsCard.tsx'));

interface Props {
  alarm: Alarm;
  detail: AlarmDetail | null;
  failed: boolean;
  viewers: readonly UserRef[];
  onRetry: () => void;
}

/** What has happened, to whom, and where: read from top to bottom while the telephone rings. */
export function IncidentPanel({ alarm, detail, failed, viewers, onRetry }: Props) {
  const { t, language } = useLanguage();
  return (
    <>
      <IncidentHeader alarm={alarm} />
      {viewers.length > 0 && (
        <p className="viewers">{t('row.viewing', { names: viewers.map(({ name }) => name).join('、') })}</p>
      )}
      {alarm.state !== 'closed' && alarm.claimedBy !== null && (
        <p className="claimed">
          {t('row.owner', { name: alarm.claimedBy.name })} ·{' '}
          <span className="digits">{clockText(Date.parse(alarm.claimedBy.at), language)}</span>
        </p>
      )}
      {alarm.state === 'closed' && alarm.closedBy !== null && (
        <p className="claimed">
          {t('detail.closedBy', { name: alarm.closedBy.name })}
          {alarm.disposition !== null && ` · ${t(`disposition.${alarm.disposition}`)}`}
        </p>
      )}
      {failed && (
        <p className="load-failed" role="alert">
          {t('detail.failed')}{' '}
          <button type="button" onClick={onRetry}>
            {t('detail.retry')}
          </button>
        </p>
      )}
      {detail === null ? (
        !failed && <p className="quiet">{t('app.loading')}</p>
      ) : (
        <>
          {alarm.site.kind !== 'region' && (
            <>
              <ResidentCardView detail={detail} />
              <PlaceCard detail={detail} />
              <Suspense fallback={null}>
                <Contained of={alarm.id}>
                  <ReadingsCard key={alarm.id} alarm={alarm} />
                </Contained>
              </Suspense>
            </>
          )}
          <ExplainedAlarms explains={detail.explains} />
          <Timeline entries={detail.timeline} />
          <DecidedSignals key={alarm.id} alarmId={alarm.id} />
        </>
      )}
    </>
  );
}

export function IncidentHeader({ alarm }: { alarm: Alarm }) {
  const { t, language } = useLanguage();
  return (
    <header className="incident-header">
      <Marker alarm={alarm} />
      <div>
        <h2>
          <Kind alarm={alarm} /> · {placeText(alarm, language)}
        </h2>
        <p>
          {personText(alarm, t)} · {siteText(alarm, language)}
        </p>
        <p className="incident-state">
          {alarm.about !== null && `${wireWord(language, 'reading', alarm.about)} · `}
          {t(`priority.${alarm.priority}`)} · {t(`state.${alarm.state}`)}
          {alarm.state === 'acknowledged' && !alarm.active && ` · ${t('state.returned')}`}
          {alarm.count > 1 && ` · ${t('row.count', { count: alarm.count })}`} · {t('detail.raised')}{' '}
          <span className="digits">{clockText(Date.parse(alarm.raisedAt), language)}</span>
          {alarm.count > 1 && (
            <>
              {' '}
              · {t('detail.lastSignal')}{' '}
              <span className="digits">{clockText(Date.parse(alarm.lastSignalAt), language)}</span>
            </>
          )}
        </p>
        <p className="incident-state">
          <Badges alarm={alarm} />
          {alarm.suppression?.until != null && (
            <span className="badge">
              {t('badge.until', { time: clockText(Date.parse(alarm.suppression.until), language) })}
            </span>
          )}
        </p>
        <VerifyCountdown alarm={alarm} />
      </div>
      {alarm.state !== 'closed' && (
        <p className="incident-elapsed">
          <span className="visually-hidden">{t('row.elapsed')}</span>
          <Elapsed since={alarm.raisedAt} />
        </p>
      )}
    </header>
  );
}

/** How long the device may still take a suspected fall back. */
function VerifyCountdown({ alarm }: { alarm: Alarm }) {
  const { t } = useLanguage();
  const nowMs = useServerNowMs();
  const seconds = useTicking(() => {
    const now = nowMs();
    if (now === null || alarm.verifyUntil === null || !isSuspected(alarm, now)) return 0;
    return Math.ceil((Date.parse(alarm.verifyUntil) - now) / 1000);
  });
  return seconds === 0 ? null : <p className="incident-state digits">{t('row.verify', { seconds })}</p>;
}
