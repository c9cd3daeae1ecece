import type { AlarmDetail } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';

/** The next step: whom to call. */
export function CallPanel({ detail }: { detail: AlarmDetail | null }) {
  const { t } = useLanguage();
  const card = detail?.residentCard ?? null;
  if (detail?.site.kind === 'region')
    return (
      <section className="card">
        <h3>{t('detail.next')}</h3>
        <p className="quiet">{t('detail.outageFirst')}</p>
      </section>
    );
  return (
    <section className="card">
      <h3>{t('detail.next')}</h3>
      <p className="quiet">{t('detail.callFirst')}</p>
      <ul className="calls">
        {card?.phone && <Call who={detail?.resident?.name ?? ''} what={t('detail.phone')} phone={card.phone} primary />}
        {detail?.siteCard?.phone && (
          <Call who={detail.site.name} what={t('detail.sitePhone')} phone={detail.siteCard.phone} />
        )}
        <li className="emergency">
          <a href="tel:120">{t('emergency.120')}</a>
          <a href="tel:119">{t('emergency.119')}</a>
        </li>
      </ul>
      <h3>{t('detail.contacts')}</h3>
      {card !== null && card.contacts.length > 0 ? (
        <ul className="calls">
          {card.contacts.map((contact) => (
            <Call key={contact.phone} who={contact.name} what={contact.relation} phone={contact.phone} />
          ))}
        </ul>
      ) : (
        <p className="quiet">{t('detail.contacts.none')}</p>
      )}
    </section>
  );
}

interface CallProps {
  who: string;
  what: string;
  phone: string;
  primary?: boolean;
}

function Call({ who, what, phone, primary = false }: CallProps) {
  return (
    <li>
      <a className={primary ? 'call primary' : 'call'} href={`tel:${phone.replaceAll(' ', '')}`}>
        <span className="call-who">
          {who} <span className="call-what">{what}</span>
        </span>
        <span className="digits">{phone}</span>
      </a>
    </li>
  );
}
