import { useEffect, useState } from 'react';
import type { Priority } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import type { Language, Translate } from '../i18n/translate.ts';
import type { Notify } from '../notices/useNotices.ts';
import type { Announcement } from '../queue/arrivals.ts';
import type { LiveQueue } from '../queue/liveQueue.ts';
import { kindText, placeText } from '../queue/words.ts';

/** What a screen reader says of new alarms; what was missed during an outage is also shown. */
export function useAnnouncements(live: LiveQueue, notify: Notify): string {
  const { t, language } = useLanguage();
  const [spoken, setSpoken] = useState('');
  useEffect(
    () =>
      live.listen({
        announced: (announcements, caughtUp) => {
          const texts = announcements.map((announcement) => announcementText(announcement, t, language));
          setSpoken(texts.join(' '));
          if (caughtUp) for (const text of texts) notify('info', text);
        },
      }),
    [live, notify, t, language],
  );
  return spoken;
}

const priorities: readonly Priority[] = ['critical', 'high', 'medium', 'low'];

export function announcementText(announcement: Announcement, t: Translate, language: Language): string {
  if (announcement.form === 'single') {
    const { alarm } = announcement;
    return t('arrival.single', {
      priority: t(`priority.${alarm.priority}`),
      kind: kindText(alarm, language),
      place: `${placeText(alarm, language)} ${alarm.resident?.name ?? ''}`.trim(),
    });
  }
  const parts = priorities
    .filter((priority) => announcement.byPriority[priority] !== undefined)
    .map((priority) => `${t(`priority.${priority}`)} ${announcement.byPriority[priority]}`)
    .join(language === 'en' ? ', ' : '、');
  return t('arrival.group', { count: announcement.count, parts });
}
