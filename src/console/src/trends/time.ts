import type { Language } from '../i18n/translate.ts';
import type { Span } from './geometry.ts';

const Day = 86_400_000;

const format = (ms: number, language: Language, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(language, { hourCycle: 'h23', ...options }).format(ms);

/** What an axis says: the time of day within three days, else the day. */
export const dayOrTime = (ms: number, { fromMs, toMs }: Span, language: Language): string =>
  toMs - fromMs > 3 * Day
    ? format(ms, language, { month: 'numeric', day: 'numeric' })
    : format(ms, language, { hour: '2-digit', minute: '2-digit' });

export const momentText = (ms: number, language: Language): string =>
  format(ms, language, { month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit' });
