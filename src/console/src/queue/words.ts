import type { Alarm } from '../data/alarms.ts';
import { type Language, type Translate, wireWord } from '../i18n/translate.ts';

/** A fall that the device may still take back is only suspected, and says so. */
export const isSuspected = (alarm: Alarm, serverNowMs: number | null): boolean =>
  alarm.kind === 'fall' &&
  alarm.verifyUntil !== null &&
  serverNowMs !== null &&
  serverNowMs < Date.parse(alarm.verifyUntil);

export const kindText = (alarm: Pick<Alarm, 'kind'>, language: Language): string =>
  wireWord(language, 'kind', alarm.kind);

/** Name, age and sex, or that nobody in particular is meant. */
export function personText(alarm: Alarm, t: Translate): string {
  const { resident } = alarm;
  if (isAboutHub(alarm)) return t('person.hub');
  if (alarm.site.kind === 'region') return t('person.region');
  if (resident === null) return t('person.none');
  const sex = resident.sex === 'male' ? t('sex.male') : resident.sex === 'female' ? t('sex.female') : null;
  const age = resident.age === null ? null : t('person.age', { age: resident.age });
  return [resident.name, age, sex].filter((part) => part !== null).join(' · ');
}

/** The hub reports on itself: its parts and reasons are code words, and its place is no place. */
const isAboutHub = (alarm: Alarm): boolean => alarm.site.kind === 'hub';

export function placeText(alarm: Alarm, language: Language): string {
  if (!isAboutHub(alarm)) return alarm.place ?? alarm.device.name;
  const part = wireWord(language, 'hub', alarm.device.id);
  return alarm.place === null ? part : `${part} · ${wireWord(language, 'hub', alarm.place)}`;
}

export const siteText = (alarm: Alarm, language: Language): string =>
  isAboutHub(alarm) ? wireWord(language, 'hub', alarm.site.id) : alarm.site.name;
