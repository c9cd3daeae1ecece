import type { Alarm, Priority } from '../data/alarms.ts';
import { annunciationKey, byUrgency, isUnacknowledged } from './order.ts';

/** What to tell the operator of alarms that are new to this console. */
export type Announcement =
  | { readonly form: 'single'; readonly alarm: Alarm }
  | {
      readonly form: 'group';
      readonly count: number;
      readonly byPriority: Readonly<Partial<Record<Priority, number>>>;
    };

/** More than this many at once are announced as one group (C6). */
export const SingleAnnouncementsMax = 5;

/** The annunciations in `open` that are not in `known`: each is told exactly once, however often it is received. */
export function newlyAnnunciated(known: ReadonlySet<string>, open: Iterable<Alarm>): Alarm[] {
  return [...open].filter((alarm) => isUnacknowledged(alarm) && !known.has(annunciationKey(alarm))).sort(byUrgency);
}

export function announce(alarms: readonly Alarm[]): Announcement[] {
  if (alarms.length <= SingleAnnouncementsMax) return alarms.map((alarm) => ({ form: 'single', alarm }));
  const byPriority: Partial<Record<Priority, number>> = {};
  for (const { priority } of alarms) byPriority[priority] = (byPriority[priority] ?? 0) + 1;
  return [{ form: 'group', count: alarms.length, byPriority }];
}
