import { listQuarantine, type Quarantined } from '../data/quarantine.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { dateTimeText } from '../i18n/time.ts';
import { PageFooter } from './PageFooter.tsx';
import { RefusalList } from './RefusalList.tsx';
import { TelemetryStatus } from './TelemetryStatus.tsx';
import { usePages } from './usePages.ts';

/** What devices said that the hub could not understand: kept, counted, and shown with the reason. */
export function QuarantineList() {
  const { t } = useLanguage();
  const { items, next, status, more } = usePages(listQuarantine);
  return (
    <section className="page" aria-labelledby="quarantine-heading">
      <TelemetryStatus />
      <h2 id="quarantine-heading">{t('quarantine.heading')}</h2>
      <p className="quiet">{t('quarantine.explain')}</p>
      <ul className="quarantine">
        {items.map((item) => (
          <QuarantinedMessage key={item.id} item={item} />
        ))}
      </ul>
      <PageFooter
        status={status}
        empty={items.length === 0 ? t('quarantine.none') : null}
        onMore={next === null ? null : () => void more(next)}
        onRetry={() => void more(null)}
      />
      <RefusalList />
    </section>
  );
}

function QuarantinedMessage({ item }: { item: Quarantined }) {
  const { t, language } = useLanguage();
  return (
    <li className="card">
      <p className="quarantine-reason">{item.reason}</p>
      <dl className="facts two-columns">
        <div className="fact">
          <dt>{t('quarantine.at')}</dt>
          <dd className="digits">{dateTimeText(item.at, language)}</dd>
        </div>
        <div className="fact">
          <dt>{t('quarantine.device')}</dt>
          <dd>{item.deviceId ?? '–'}</dd>
        </div>
        <div className="fact">
          <dt>{t('quarantine.topic')}</dt>
          <dd>
            <code>{item.topic}</code>
          </dd>
        </div>
        <div className="fact">
          <dt>{t('quarantine.offset')}</dt>
          <dd className="digits">{item.offset ?? '–'}</dd>
        </div>
      </dl>
      <pre>
        <code>{item.encoding === 'base64' ? `base64 ${item.payload}` : item.payload}</code>
      </pre>
    </li>
  );
}
