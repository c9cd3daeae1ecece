import { expect, test } from 'vitest';
import { byUrgency } from '../../src/queue/order.ts';
import { iso, Noon, someAlarm } from '../some.ts';

test('by priority, then unacknowledged first, then the longest waiting', () => {
  const alarms = [
    someAlarm('low', { priority: 'low', raisedAt: iso(Noon - 9_000) }),
    someAlarm('critical acknowledged', { state: 'acknowledged', raisedAt: iso(Noon - 8_000) }),
    someAlarm('critical young', { raisedAt: iso(Noon - 1_000) }),
    someAlarm('critical old', { raisedAt: iso(Noon - 5_000) }),
    someAlarm('critical returned', { state: 'returned_unacknowledged', raisedAt: iso(Noon - 6_000) }),
    someAlarm('medium', { priority: 'medium' }),
    someAlarm('high', { priority: 'high' }),
  ];
  expect(alarms.sort(byUrgency).map(({ id }) => id)).toEqual([
    'critical returned',
    'critical old',
    'critical young',
    'critical acknowledged',
    'high',
    'medium',
    'low',
  ]);
});
