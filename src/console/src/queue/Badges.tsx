import type { Alarm } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';

/** What makes this alarm more than its kind says: nobody has answered, two detectors agree, it comes and goes. */
export function Badges({ alarm }: { alarm: Alarm }) {
  const { t } = useLanguage();
  const { escalation, incident, chattering } = alarm;
  return (
    <>
      {incident === 'confirmed_fire' && <strong className="badge strong">{t('badge.confirmedFire')}</strong>}
      {escalation !== null && alarm.state !== 'closed' && (
        <strong className="badge strong">
          ▲ {t('badge.escalated', { tier: escalation.tier })} · {t(`escalation.${escalation.to}`)}
        </strong>
      )}
      {incident === 'related' && <span className="badge">{t('badge.related')}</span>}
      {incident === 'storm' && <span className="badge">{t('badge.storm')}</span>}
      {chattering && <span className="badge">{t('badge.chattering')}</span>}
    </>
  );
}
