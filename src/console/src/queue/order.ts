import type { Alarm, Priority } from '../data/alarms.ts';

const ranks: Record<Priority, number> = { critical: 0, high: 1, medium: 2, low: 3 };

export const priorityRank = (priority: Priority): number => ranks[priority];

export const isUnacknowledged = (alarm: Alarm): boolean =>
  alarm.state === 'unacknowledged' || alarm.state === 'returned_unacknowledged';

/** On record and silent: shelved, explained by another alarm, or of a device that is out of service. */
export const isQuiet = (alarm: Alarm): boolean => alarm.suppression !== null;

export const isUnclaimedCritical = (alarm: Alarm): boolean =>
  alarm.priority === 'critical' && alarm.claimedBy === null && !isQuiet(alarm);

/** By priority, then what nobody has acknowledged, then the longest waiting first. */
export function byUrgency(a: Alarm, b: Alarm): number {
  return (
    priorityRank(a.priority) - priorityRank(b.priority) ||
    Number(isUnacknowledged(b)) - Number(isUnacknowledged(a)) ||
    Date.parse(a.raisedAt) - Date.parse(b.raisedAt) ||
    (a.id < b.id ? -1 : 1)
  );
}

/** Names one sounding of an alarm: `annunciatedAt` moves when it has to sound anew. */
export const annunciationKey = (alarm: Alarm): string => `${alarm.id}@${alarm.annunciatedAt}`;
