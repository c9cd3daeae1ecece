import { Dispositions, type EscalationTarget, type TimelineEntry } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { clockText } from '../i18n/time.ts';
import { wireWord } from '../i18n/translate.ts';
import { notificationText } from './notification.ts';

const Targets: readonly EscalationTarget[] = ['region', 'next_level', 'supervisor', 'contacts'];

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
              <Outcome entry={entry} />
              {entry.note !== null && <q>{entry.note}</q>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The hub gives its reasons as words with colons: the outcome of a closing, the target of an escalation, or a rule. */
function Outcome({ entry: { event, reason } }: { entry: TimelineEntry }) {
  const { t } = useLanguage();
  if (event === 'notified' || event === 'notify_failed') return <> · {notificationText(reason, t)}</>;
  const target = reason?.startsWith('policy:') ? Targets.find((each) => reason.endsWith(`:${each}`)) : undefined;
  if (target !== undefined) return <> · {t(`escalation.${target}`)}</>;
  if (reason?.startsWith('rule:') || reason?.startsWith('coincidence:'))
    return <span className="reason"> · {t('detail.rule', { rule: reason.slice(reason.indexOf(':') + 1) })}</span>;
  const outcome = Dispositions.find((each) => reason === `disposition:${each}`);
  return outcome === undefined ? null : <> · {t(`disposition.${outcome}`)}</>;
}
