import { expect, test } from 'vitest';
import { notificationText } from '../../src/detail/notification.ts';
import { alarmOfHash, tabOfHash } from '../../src/duty/tabs.ts';
import { dictionaries, translator } from '../../src/i18n/translate.ts';

test('who was told, by which means and whether it got there', () => {
  expect(notificationText('sms:supervisor ***0001:delivered', translator('en'))).toBe(
    'supervisors ***0001 · SMS · delivered',
  );
  expect(notificationText('email:contacts l***@example.org:all_clear', translator('zh-CN'))).toBe(
    '紧急联系人 l***@example.org · 邮件 · 解除通知已送达',
  );
  expect(notificationText('webhook:supervisor city:http_404', translator('en'))).toBe(
    'supervisors city · web service · http_404',
  );
});

test('both languages have the words of notifications and of their faults', () => {
  const faults = ['webhook', 'email', 'sms'].flatMap((channel) => [`hub.${channel}_failing`, `hub.${channel}_gave_up`]);
  for (const texts of Object.values(dictionaries))
    expect(Object.keys(texts)).toEqual(
      expect.arrayContaining(['event.notified', 'event.notify_failed', 'hub.hub-notify', ...faults]),
    );
});

test('the link of a notification opens its alarm in the queue', () => {
  expect(alarmOfHash('#alarm/home-1.1')).toBe('home-1.1');
  expect(tabOfHash('#alarm/home-1.1')).toBe('queue');
  expect(alarmOfHash('#alarm/%E0%A4%A')).toBeNull();
  expect(alarmOfHash('#closed')).toBeNull();
});
