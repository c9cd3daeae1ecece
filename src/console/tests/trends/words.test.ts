import { expect, test } from 'vitest';
import { tabOfHash } from '../../src/duty/tabs.ts';
import { subjectOfHash, trendsHash } from '../../src/trends/subject.ts';
import { windowText } from '../../src/trends/TrendTable.tsx';
import {
  byImportance,
  isBeginning,
  isMarked,
  numberText,
  readingLabel,
  roomFor,
  valueText,
} from '../../src/trends/words.ts';
import { iso, Noon } from '../some.ts';

const reading = (name: string, deviceId = 'vit-1') => ({
  deviceId,
  name,
  unit: null,
  value: 1,
  at: iso(Noon),
  staleAfterSeconds: 900,
  daysLeft: null,
});

test('vital signs come first, what is unknown after the known, and a device about itself last', () => {
  const names = ['battery', 'temperature', 'zeal', 'heart_rate', 'signal_strength', 'spo2'];
  expect(
    names
      .map((name) => reading(name))
      .sort(byImportance)
      .map(({ name }) => name),
  ).toEqual(['heart_rate', 'spo2', 'temperature', 'zeal', 'battery', 'signal_strength']);
});

test('numbers are as long as they need to be', () => {
  expect([71, 36.62, 36.04, 123.4, 1234.5, -0.04, -64, 0.5].map(numberText)).toEqual([
    '71',
    '36.6',
    '36.0',
    '123',
    '1235',
    '0.0',
    '-64',
    '0.5',
  ]);
});

test('a reading has its unit in the language; an unknown one shows as it came', () => {
  expect(valueText(71, '/min', 'zh-CN')).toBe('71 次/分');
  expect(valueText(71, '/min', 'en')).toBe('71 /min');
  expect(valueText(36.6, '°C', 'zh-CN')).toBe('36.6 °C');
  expect(valueText(3, null, 'en')).toBe('3');
  expect([readingLabel('spo2', 'zh-CN'), readingLabel('zeal', 'zh-CN')]).toEqual(['血氧', 'zeal']);
});

test('a window in one unit', () =>
  expect([5, 60, 900, 3_600, 86_400, 90].map(windowText)).toEqual(['5 s', '1 min', '15 min', '1 h', '1 d', '90 s']));

test('trends have an address that comes back', () => {
  for (const subject of [
    { kind: 'resident', id: 'r-1' },
    { kind: 'device', id: 'a/b 中' },
  ] as const)
    expect(subjectOfHash(trendsHash(subject))).toEqual(subject);
  expect(tabOfHash('#trends/device/vit-1')).toBe('trends');
  for (const hash of ['#trends', '#trends/street/1', '#trends/device/', '#trends/device/%', '']) {
    expect(subjectOfHash(hash)).toBeNull();
    expect(tabOfHash(hash)).toBe('queue');
  }
});

test('a chart marks what began, and lists what came of it', () => {
  const event = (word: string) => ({
    at: iso(Noon),
    alarmId: 'a-1',
    deviceId: 'd',
    kind: 'fall',
    priority: 'critical' as const,
    event: word,
  });
  expect([isBeginning(event('raised')), isBeginning(event('resolved')), isMarked(event('resolved'))]).toEqual([
    true,
    false,
    true,
  ]);
  expect(isMarked(event('escalated'))).toBe(false);
});

test('where marks crowd, the grave one has the word', () => {
  const mark = (priority: 'critical' | 'low', x: number) => ({
    x,
    event: { at: iso(Noon), alarmId: `a-${x}`, deviceId: 'd', kind: 'fall', priority, event: 'raised' },
  });
  const marks = [mark('low', 10), mark('critical', 50), mark('low', 90), mark('low', 200), mark('low', 210)];
  expect([...roomFor(marks, 60)].map(({ x }) => x).sort((a, b) => a - b)).toEqual([50, 210]);
});
