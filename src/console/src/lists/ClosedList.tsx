import { type Alarm, listClosed } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { dateTimeText } from '../i18n/time.ts';
import { PriorityMarker } from '../queue/Marker.tsx';
import { kindText, personText, placeText, siteText } from '../queue/words.ts';
import { PageFooter } from './PageFooter.tsx';
import { usePages } from './usePages.ts';

export function ClosedList() {
  const { t, language } = useLanguage();
  const { items, next, status, more } = usePages(listClosed);
  return (
    <section className="page" aria-labelledby="closed-heading">
      <h2 id="closed-heading">{t('closed.heading')}</h2>
      {items.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('closed.kind')}</th>
              <th scope="col">{t('closed.place')}</th>
              <th scope="col">{t('closed.resident')}</th>
              <th scope="col">{t('closed.raised')}</th>
              <th scope="col">{t('closed.closed')}</th>
              <th scope="col">{t('closed.result')}</th>
              <th scope="col">{t('closed.by')}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((alarm) => (
              <tr key={alarm.id}>
                <td>
                  <span className="with-marker">
                    <PriorityMarker priority={alarm.priority} /> {kindText(alarm, language)}
                  </span>
                </td>
                <td>
                  {placeText(alarm, language)}
                  <br />
                  {siteText(alarm, language)}
                </td>
                <td>{personText(alarm, t)}</td>
                <td className="digits">{dateTimeText(alarm.raisedAt, language)}</td>
                <td className="digits">{alarm.closedAt === null ? '–' : dateTimeText(alarm.closedAt, language)}</td>
                <td>{alarm.disposition === null ? '–' : t(`disposition.${alarm.disposition}`)}</td>
                <td>{closerOf(alarm) ?? t('row.gone.auto')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <PageFooter
        status={status}
        empty={items.length === 0 ? t('closed.none') : null}
        onMore={next === null ? null : () => void more(next)}
        onRetry={() => void more(null)}
      />
    </section>
  );
}

const closerOf = ({ closedBy }: Alarm): string | null =>
  closedBy === null || closedBy.kind === 'hub' ? null : closedBy.name;
