import type { PastAlarm } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { dateTimeText } from '../i18n/time.ts';
import { PriorityMarker } from '../queue/Marker.tsx';
import { kindText } from '../queue/words.ts';

const ShownMax = 5;

export function RecentAlarms({ recent }: { recent: readonly PastAlarm[] }) {
  const { t, language } = useLanguage();
  return (
    <section className="card recent">
      <h3>{t('detail.recent')}</h3>
      {recent.length === 0 ? (
        <p className="quiet">{t('detail.recent.none')}</p>
      ) : (
        <ul>
          {recent.slice(0, ShownMax).map((past) => (
            <li key={past.id}>
              <PriorityMarker priority={past.priority} />
              <time className="digits" dateTime={past.raisedAt}>
                {dateTimeText(past.raisedAt, language)}
              </time>
              <span>{kindText(past, language)}</span>
              <span className="outcome">
                {past.disposition === null ? t('state.unacknowledged') : t(`disposition.${past.disposition}`)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
