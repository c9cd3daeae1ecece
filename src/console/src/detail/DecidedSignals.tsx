import { useState } from 'react';
import { type DecidedSignal, type DecidedSignalList, listSignals } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { clockText } from '../i18n/time.ts';
import { wireWord } from '../i18n/translate.ts';

type Loaded =
  | { status: 'closed' }
  | { status: 'loading' }
  | { status: 'failed' }
  | { status: 'ready'; list: DecidedSignalList };

/** Why this alarm is here, and why another one is not: what was said at the site around it, and what was decided. Asked for when opened. */
export function DecidedSignals({ alarmId }: { alarmId: string }) {
  const { t } = useLanguage();
  const [loaded, setLoaded] = useState<Loaded>({ status: 'closed' });
  const load = () => {
    setLoaded({ status: 'loading' });
    listSignals(alarmId).then(
      (list) => setLoaded({ status: 'ready', list }),
      () => setLoaded({ status: 'failed' }),
    );
  };
  return (
    <section className="card decided">
      <h3>{t('detail.signals')}</h3>
      {loaded.status === 'closed' && (
        <button type="button" onClick={load}>
          {t('detail.signals.show')}
        </button>
      )}
      {loaded.status === 'loading' && <p className="quiet">{t('app.loading')}</p>}
      {loaded.status === 'failed' && (
        <p className="load-failed" role="alert">
          {t('detail.failed')}{' '}
          <button type="button" onClick={load}>
            {t('detail.retry')}
          </button>
        </p>
      )}
      {loaded.status === 'ready' && <SignalRows list={loaded.list} alarmId={alarmId} />}
    </section>
  );
}

function SignalRows({ list, alarmId }: { list: DecidedSignalList; alarmId: string }) {
  const { t, language } = useLanguage();
  return (
    <>
      {list.items.length === 0 && <p className="quiet">{t('detail.signals.none')}</p>}
      <ol>
        {list.items.map((signal) => (
          <li key={`${signal.deviceId} ${signal.at} ${signal.kind} ${signal.reason}`}>
            <time className="digits" dateTime={signal.at}>
              {clockText(Date.parse(signal.at), language)}
            </time>
            <span>
              {wireWord(language, 'kind', signal.kind)} · {signal.deviceId} ·{' '}
              {wireWord(language, 'outcome', signal.outcome)}
              {whose(signal, alarmId)}
              <span className="reason"> · {t('detail.rule', { rule: ruleOf(signal.reason) })}</span>
            </span>
          </li>
        ))}
      </ol>
      {list.truncated && <p className="quiet">{t('detail.signals.more')}</p>}
    </>
  );
}

/** A decision quotes its rule as the timeline does; what is no rule of the file (a test, a delay) stands as it is. */
const ruleOf = (reason: string) => (reason.startsWith('rule:') ? reason.slice('rule:'.length) : reason);

/** The alarm that a signal concerned, where it is another one. */
const whose = ({ alarmId }: DecidedSignal, own: string) => (alarmId === null || alarmId === own ? '' : ` · ${alarmId}`);
