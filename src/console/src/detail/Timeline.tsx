import { Dispositions, type TimelineEntry } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { clockText } from '../i18n/time.ts';
import { wireWord } from '../i18n/translate.ts';

/** Everything that happened to the alarm, the latest first, each with its author. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  const { t, language } = useLanguage();
  return (
    <section className="card timeline">
      <h3>{t('detail.timeline')}</h3>
      <ol reversed>
        {entries.toReversed().map((entry) => (
          <li key={entry.seq}>
            <time className="digits" dateTime={entry.at}>
              {clockText(Date.parse(entry.at), language)}
            </time>
            <span>
              {wireWord(language, 'event', entry.event)}
              <span className="author"> · {entry.author.name}</span>
              <Outcome reason={entry.reason} />
              {entry.note !== null && <q>{entry.note}</q>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The hub gives the outcome of a closing as its reason, for example `disposition:false`. */
function Outcome({ reason }: { reason: string | null }) {
  const { t } = useLanguage();
  const outcome = Dispositions.find((each) => reason === `disposition:${each}`);
  return outcome === undefined ? null : <> · {t(`disposition.${outcome}`)}</>;
}
