import { expect, test } from 'vitest';
import { translator } from '../../src/i18n/translate.ts';
import { personText, placeText, siteText } from '../../src/queue/words.ts';
import { someAlarm } from '../some.ts';

test('an alarm about the hub itself is told in words, in both languages', () => {
  const alarm = someAlarm('1', {
    resident: null,
    place: 'expires_soon',
    device: { id: 'hub-certificate', kind: 'hub_part', name: 'TLS 证书' },
    site: { id: 'hub', kind: 'hub', name: 'CareHub 本机', address: '' },
  });
  expect(placeText(alarm, 'zh-CN')).toBe('TLS 证书 · 30 天内到期');
  expect(placeText(alarm, 'en')).toBe('TLS certificate · expires within 30 days');
  expect(siteText(alarm, 'en')).toBe('CareHub itself');
  expect(personText(alarm, translator('en'))).toBe('System self-check');

  // A reason that this console does not know yet must still show.
  expect(placeText({ ...alarm, place: 'on_fire' }, 'en')).toBe('TLS certificate · on_fire');
});

test('any other alarm is at its place', () => {
  const alarm = someAlarm('1', { place: null });
  expect(placeText(alarm, 'en')).toBe(alarm.device.name);
  expect(siteText(alarm, 'en')).toBe(alarm.site.name);
});
