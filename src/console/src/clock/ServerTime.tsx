import { createContext, useContext } from 'react';
import { ServerClock } from '../connection/serverClock.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { ageText, clockText, elapsedText } from '../i18n/time.ts';
import { useTicking } from './ticker.ts';

export const ServerClockContext = createContext(new ServerClock());

/** The hub's time now, in milliseconds; null until the hub has been heard. */
export function useServerNowMs(): () => number | null {
  const clock = useContext(ServerClockContext);
  return () => clock.nowMs(performance.now());
}

/** Time since `since` on the hub's clock, ticking. */
export function Elapsed({ since }: { since: string }) {
  const nowMs = useServerNowMs();
  const text = useTicking(() => {
    const now = nowMs();
    return now === null ? '–' : elapsedText(now - Date.parse(since));
  });
  return <span className="digits">{text}</span>;
}

/** The same in words and one unit, for what happened once. */
export function Age({ since }: { since: string }) {
  const { t } = useLanguage();
  const nowMs = useServerNowMs();
  return useTicking(() => {
    const now = nowMs();
    return now === null ? '–' : ageText(now - Date.parse(since), t);
  });
}

export function ClockOfServer() {
  const { language } = useLanguage();
  const nowMs = useServerNowMs();
  const text = useTicking(() => {
    const now = nowMs();
    return now === null ? '--:--:--' : clockText(now, language);
  });
  return <time className="digits">{text}</time>;
}
