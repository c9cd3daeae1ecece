import { describe, expect, test } from 'vitest';
import { announce, newlyAnnunciated } from '../../src/queue/arrivals.ts';
import { annunciationKey } from '../../src/queue/order.ts';
import { iso, Noon, someAlarm } from '../some.ts';

describe('C6', () => {
  test('each annunciation is told once, however often it is received', () => {
    const a = someAlarm('a');
    expect(newlyAnnunciated(new Set(), [a])).toEqual([a]);
    expect(newlyAnnunciated(new Set([annunciationKey(a)]), [{ ...a, version: 9, count: 4 }])).toEqual([]);
  });

  test('an alarm that has to sound anew is told anew', () => {
    const a = someAlarm('a');
    const again = { ...a, annunciatedAt: iso(Noon + 1) };
    expect(newlyAnnunciated(new Set([annunciationKey(a)]), [again])).toEqual([again]);
  });

  test('what somebody has acknowledged meanwhile is not told', () => {
    expect(newlyAnnunciated(new Set(), [someAlarm('a', { state: 'acknowledged' })])).toEqual([]);
  });

  test('five are told one by one, six as a group with the number of each priority', () => {
    const alarms = Array.from({ length: 6 }, (_, i) => someAlarm(`a${i}`, { priority: i < 2 ? 'critical' : 'medium' }));
    expect(announce(alarms.slice(0, 5)).map(({ form }) => form)).toEqual(Array(5).fill('single'));
    expect(announce(alarms)).toEqual([{ form: 'group', count: 6, byPriority: { critical: 2, medium: 4 } }]);
  });
});
