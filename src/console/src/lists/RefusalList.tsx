import { listRefusals } from '../data/refusals.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { dateTimeText } from '../i18n/time.ts';
import { wireWord } from '../i18n/translate.ts';
import { PageFooter } from './PageFooter.tsx';
import { usePages } from './usePages.ts';

/** Who was not let in, or not heard, and why: where one looks when a device stays silent. */
export function RefusalList() {
  const { t, language } = useLanguage();
  const { items, status, more } = usePages(listRefusals);
  return (
    <section className="refusals" aria-labelledby="refusals-heading">
      <h2 id="refusals-heading">{t('refusals.heading')}</h2>
      {items.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('quarantine.at')}</th>
              <th scope="col">{t('refusals.who')}</th>
              <th scope="col">{t('refusals.what')}</th>
              <th scope="col">{t('refusals.reason')}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.id}>
                <td className="digits">{dateTimeText(item.at, language)}</td>
                <td>
                  {item.who}
                  <br />
                  <span className="quiet">{item.from}</span>
                </td>
                <td>
                  {t(`refusals.${item.what}`)} <code>{item.topic}</code>
                </td>
                <td>{wireWord(language, 'reason', item.reason)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <PageFooter
        status={status}
        empty={items.length === 0 ? t('refusals.none') : null}
        onMore={null}
        onRetry={() => void more(null)}
      />
    </section>
  );
}
