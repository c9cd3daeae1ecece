import { useContext } from 'react';
import type { Alarm } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { nearerDesk } from './audience.ts';
import { NearerDesksContext } from './NearerDesksContext.ts';
import { isUnacknowledged } from './order.ts';

/** What makes this alarm more than its kind says: nobody has answered, two detectors agree, a nearer desk is called first. */
export function Badges({ alarm }: { alarm: Alarm }) {
  const { t } = useLanguage();
  const { escalation, incident, chattering } = alarm;
  const desks = useContext(NearerDesksContext);
  const desk = isUnacknowledged(alarm) ? nearerDesk(alarm, desks) : null;
  return (
    <>
      {incident === 'confirmed_fire' && <strong className="badge strong">{t('badge.confirmedFire')}</strong>}
      {escalation !== null && alarm.state !== 'closed' && (
        <strong className="badge strong">
          ▲ {t('badge.escalated', { tier: escalation.tier })} · {t(`escalation.${escalation.to}`)}
        </strong>
      )}
      {desk !== null && <span className="badge">{t('badge.nearerDesk', { desk })}</span>}
      {incident === 'related' && <span className="badge">{t('badge.related')}</span>}
      {incident === 'storm' && <span className="badge">{t('badge.storm')}</span>}
      {chattering && <span className="badge">{t('badge.chattering')}</span>}
    </>
  );
}
