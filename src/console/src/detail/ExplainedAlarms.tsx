import type { AlarmDetail } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { clockText } from '../i18n/time.ts';
import { kindText } from '../queue/words.ts';

/** How far an outage reaches: who is silent because of it, by place. Absent where the alarm explains nothing. */
export function ExplainedAlarms({ explains }: { explains: AlarmDetail['explains'] }) {
  const { t, language } = useLanguage();
  if (explains.count === 0) return null;
  return (
    <section className="card explained">
      <h3>{t('detail.explains', { count: explains.count })}</h3>
      <ul>
        {explains.items.map((alarm) => (
          <li key={alarm.id}>
            <time className="digits" dateTime={alarm.raisedAt}>
              {clockText(Date.parse(alarm.raisedAt), language)}
            </time>
            <span>{alarm.site}</span>
            <span className="quiet">
              {alarm.place ?? alarm.device} · {kindText(alarm, language)}
            </span>
          </li>
        ))}
      </ul>
      {explains.count > explains.items.length && (
        <p className="quiet">{t('detail.explains.more', { count: explains.count - explains.items.length })}</p>
      )}
    </section>
  );
}
