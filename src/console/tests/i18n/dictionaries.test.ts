import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { elapsedText } from '../../src/i18n/time.ts';
import { dictionaries, languageOf, translator, wireWord } from '../../src/i18n/translate.ts';

const zh = dictionaries['zh-CN'];
const en = dictionaries.en;
const parametersOf = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe('the dictionaries', () => {
  test('have the same keys', () => expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort()));

  test('have no empty text', () => {
    for (const texts of [zh, en])
      for (const [key, text] of Object.entries(texts)) expect(text.trim(), key).not.toBe('');
  });

  test('have the same parameters for each key', () => {
    for (const key of Object.keys(zh) as (keyof typeof zh)[])
      expect(parametersOf(en[key]), key).toEqual(parametersOf(zh[key]));
  });

  test('have no text that nothing shows', () => {
    const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !/^i18n.(zh|en)\.ts$/.test(file))
      .map((file) => readFileSync(`src/${file}`, 'utf8'))
      .join('\n');
    // Words from the wire and texts chosen by a value are asked for by their group: t(`priority.${…}`).
    const isShown = (key: string) =>
      source.includes(`'${key}'`) ||
      source.includes(`\`${key.slice(0, key.lastIndexOf('.') + 1)}\${`) ||
      /^(kind|event|outcome|flag|hub|deviceKind|reason|reading|unit)\./.test(key);
    expect(Object.keys(zh).filter((key) => !isShown(key) && !/^bar\.\w+\.action$/.test(key))).toEqual([]);
  });
});

test('a word of the wire that is not known shows as it came', () => {
  expect(wireWord('zh-CN', 'kind', 'smoke')).toBe('火警 · 烟雾');
  expect(wireWord('zh-CN', 'kind', 'flood_of_bees')).toBe('flood_of_bees');
});

test('parameters are filled in', () => expect(translator('en')('person.age', { age: 83 })).toBe('83 y'));

test('Chinese is the default, English for an English browser, and a choice is kept', () => {
  expect(languageOf(null, 'zh-CN')).toBe('zh-CN');
  expect(languageOf(null, 'fr')).toBe('zh-CN');
  expect(languageOf(null, 'en-GB')).toBe('en');
  expect(languageOf('zh-CN', 'en-GB')).toBe('zh-CN');
});

test('elapsed time', () => {
  expect([7_000, 754_000, 3_723_000, -5].map(elapsedText)).toEqual(['0:07', '12:34', '1:02:03', '0:00']);
});
