import { useCallback, useEffect, useState } from 'react';
import { Problem } from '../data/http.ts';
import {
  endMaintenance,
  endShelf,
  listMaintenance,
  listShelves,
  type Maintenance,
  type Shelf,
  type StandingSilence,
} from '../data/silences.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { dateTimeText } from '../i18n/time.ts';
import { wireWord } from '../i18n/translate.ts';
import type { Notify } from '../notices/useNotices.ts';

/** An installer who sets a detector off looks here whether it has come. */
const LookEveryMs = 3_000;

/** What is quiet now and until when, how many signals a walk test has brought, and the way to end it early. Absent when nothing is. */
export function StandingSilences({ notify }: { notify: Notify }) {
  const { t, language } = useLanguage();
  const [shelves, setShelves] = useState<Shelf[]>([]);
  const [works, setWorks] = useState<Maintenance[]>([]);
  const look = useCallback(async () => {
    try {
      const [nowShelved, nowWorked] = await Promise.all([listShelves(), listMaintenance()]);
      setShelves(nowShelved);
      setWorks(nowWorked);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }, []);
  useEffect(() => {
    const again = () => void look().catch(() => undefined);
    again();
    const timer = setInterval(again, LookEveryMs);
    return () => clearInterval(timer);
  }, [look]);
  const end = async (act: () => Promise<unknown>) => {
    try {
      await act();
    } catch (error) {
      notify('refused', t('devices.failed', { code: error instanceof Problem ? error.code : 'unknown' }));
    }
    await look().catch(() => undefined);
  };
  if (shelves.length + works.length === 0) return null;
  return (
    <section className="standing-silences" aria-labelledby="silences-heading">
      <h3 id="silences-heading">{t('quiet.heading')}</h3>
      <ul>
        {works.map((work) => (
          <li key={work.id}>
            <strong>{t(`quiet.${work.mode}`)}</strong> · {whatOf(work)} ·{' '}
            {t('quiet.until', { time: dateTimeText(work.until, language) })} · {work.by.name}: {work.reason}
            {work.mode === 'walk_test' && <strong> · {t('quiet.tests', { count: work.tests })}</strong>}{' '}
            <button type="button" onClick={() => void end(() => endMaintenance(work, t('quiet.ended')))}>
              {t('quiet.end')}
            </button>
          </li>
        ))}
        {shelves.map((shelf) => (
          <li key={shelf.id}>
            <strong>{t('quiet.shelved')}</strong> · {whatOf(shelf)}
            {shelf.kind !== null && ` · ${wireWord(language, 'kind', shelf.kind)}`} ·{' '}
            {t('quiet.until', { time: dateTimeText(shelf.until, language) })} · {shelf.by.name}: {shelf.reason}{' '}
            <button type="button" onClick={() => void end(() => endShelf(shelf, t('quiet.ended')))}>
              {t('quiet.end')}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const whatOf = ({ deviceId, siteId }: StandingSilence) => (deviceId === null ? siteId : `${deviceId} (${siteId})`);
