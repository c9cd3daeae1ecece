import { describe, expect, test } from 'vitest';
import type { Alarm, EscalationTarget } from '../../src/data/alarms.ts';
import { nearerDesk, nearerDesksOf } from '../../src/queue/audience.ts';
import { iso, Noon, someAlarm } from '../some.ts';

const names = { city: 'City', district: 'District', street: 'Street', community: 'Community', elsewhere: 'Elsewhere' };
const region = { id: 'community', name: 'Community', path: ['root', 'city', 'district', 'street', 'community'] };

const below = (...ids: (keyof typeof names)[]) =>
  nearerDesksOf({ number: 1, regions: ids.map((id) => ({ id, name: names[id] })) });

const alarmAt = (to: EscalationTarget | null): Alarm =>
  someAlarm('a', { region, escalation: to === null ? null : { tier: 1, to, at: iso(Noon) } });

describe('an alarm sounds here', () => {
  test('when no desk nearer to it is on duty', () => {
    expect(nearerDesk(alarmAt(null), below())).toBe(null);
    expect(nearerDesk(alarmAt(null), below('elsewhere'))).toBe(null);
  });

  test('when the hub has not said who is on duty, or cannot', () => {
    expect(nearerDesk(alarmAt(null), null)).toBe(null);
    expect(nearerDesk(alarmAt(null), nearerDesksOf(null))).toBe(null);
    expect(nearerDesk(alarmAt(null), nearerDesksOf({ number: 7, regions: null }))).toBe(null);
  });

  test('once it has gone as far as this console does not know', () => {
    expect(nearerDesk(alarmAt('everybody' as EscalationTarget), below('community', 'street'))).toBe(null);
  });
});

test.each<[EscalationTarget | null, string | null, string | null, string | null]>([
  // Called:      one below       two below   three below: this desk is the next level of none, one or two.
  [null, 'Community', 'Community', 'Community'],
  ['region', 'Community', 'Community', 'Community'],
  ['next_level', null, 'Street', 'Street'],
  ['supervisor', null, null, null],
  ['contacts', null, null, null],
])('escalated to %s it is with %s, %s or %s', (to, ofOne, ofTwo, ofThree) => {
  expect(nearerDesk(alarmAt(to), below('community'))).toBe(ofOne);
  expect(nearerDesk(alarmAt(to), below('community', 'street'))).toBe(ofTwo);
  expect(nearerDesk(alarmAt(to), below('district', 'community', 'street'))).toBe(ofThree);
});

test('levels without a desk are no levels: the district is the next one above the community', () => {
  expect(nearerDesk(alarmAt('next_level'), below('community', 'district'))).toBe('District');
  expect(nearerDesk(alarmAt(null), below('district'))).toBe('District');
});
