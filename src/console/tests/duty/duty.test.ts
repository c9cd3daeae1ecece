import { expect, test } from 'vitest';
import { lampCounts } from '../../src/duty/fireStrip.ts';
import { announcementText } from '../../src/duty/useAnnouncements.ts';
import { translator } from '../../src/i18n/translate.ts';
import { isSuspected } from '../../src/queue/words.ts';
import { iso, Noon, someAlarm } from '../some.ts';

test('the fire strip counts its kinds, and a lamp without a source is not "normal"', () => {
  const kinds = ['smoke', 'heat', 'gas', 'offline', 'button'];
  const shelved = someAlarm('s', { kind: 'smoke', suppression: { kind: 'shelved', cause: 'x', until: null } });
  expect(lampCounts([...kinds.map((kind, i) => someAlarm(`a${i}`, { kind })), shelved])).toEqual({
    fire: 2,
    start: null,
    feedback: null,
    supervise: 1,
    shield: 1,
    fault: 1,
  });
});

test('a fall is suspected as long as its device may cancel it, by the hub’s clock', () => {
  const fall = someAlarm('a', { kind: 'fall', verifyUntil: iso(Noon + 20_000) });
  expect(isSuspected(fall, Noon + 19_000)).toBe(true);
  expect(isSuspected(fall, Noon + 20_000)).toBe(false);
  expect(isSuspected(fall, null)).toBe(false);
});

test('a group of missed alarms is told with its priorities', () => {
  const text = announcementText(
    { form: 'group', count: 6, byPriority: { low: 4, critical: 2 } },
    translator('en'),
    'en',
  );
  expect(text).toBe('6 new alarms: Critical 2, Low 4');
});
