import { en } from './en.ts';
import { zh } from './zh.ts';

export type Language = 'zh-CN' | 'en';
export type TextKey = keyof typeof zh;

type ParametersOf<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParametersOf<Rest>
  : never;

/** A text with {parameters} cannot be asked for without them, nor one without them with any. */
type Arguments<K extends TextKey> = [ParametersOf<(typeof zh)[K]>] extends [never]
  ? []
  : [Record<ParametersOf<(typeof zh)[K]>, string | number>];

export type Translate = <K extends TextKey>(key: K, ...args: Arguments<K>) => string;

export const dictionaries: Readonly<Record<Language, Readonly<Record<TextKey, string>>>> = { 'zh-CN': zh, en };

export function translator(language: Language): Translate {
  const texts = dictionaries[language];
  return (key, ...args) => fill(texts[key], args[0] ?? {});
}

function fill(text: string, parameters: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole));
}

/** The text of a word from the wire, or the word itself: a kind this console does not know yet must still show. */
export function wireWord(
  language: Language,
  group: 'kind' | 'event' | 'outcome' | 'flag' | 'hub' | 'deviceKind' | 'reason' | 'reading' | 'unit',
  word: string,
): string {
  const texts: Readonly<Record<string, string>> = dictionaries[language];
  return texts[`${group}.${word}`] ?? word;
}

export const languageOf = (preferred: string | null, browser: string): Language => {
  if (preferred === 'zh-CN' || preferred === 'en') return preferred;
  return browser.toLowerCase().startsWith('en') ? 'en' : 'zh-CN';
};
