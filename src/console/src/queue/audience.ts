import type { Alarm, EscalationTarget } from '../data/alarms.ts';
import type { DesksNotice } from '../data/liveQueue.ts';

/*
 * Which desk an alarm sounds at. It is called at the nearest level of regions that has a desk on duty, and the levels
 * above see it and stay silent until it escalates to them. Whatever a console does not know makes it sound.
 */

/** Names of the regions below this console's own that have a desk on duty, by id; null when that is not known. */
export type NearerDesks = ReadonlyMap<string, string> | null;

export const nearerDesksOf = (notice: DesksNotice | null): NearerDesks =>
  notice?.regions ? new Map(notice.regions.map(({ id, name }) => [id, name])) : null;

/** How many levels above the nearest one an escalation calls too. */
const levelsCalled: Readonly<Record<EscalationTarget, number>> = {
  region: 0,
  next_level: 1,
  supervisor: Number.POSITIVE_INFINITY,
  contacts: Number.POSITIVE_INFINITY,
};

/** The name of the nearer desk that the alarm is with, the widest of those called; null when it sounds here. */
export function nearerDesk(alarm: Alarm, desks: NearerDesks): string | null {
  if (desks === null) return null;
  let called = alarm.escalation === null ? 0 : (levelsCalled[alarm.escalation.to] ?? Number.POSITIVE_INFINITY);
  // The path runs from the root down: the nearest desk is the deepest.
  for (let level = alarm.region.path.length - 1; level >= 0; level--) {
    const name = desks.get(alarm.region.path[level] ?? '');
    if (name !== undefined && called-- === 0) return name;
  }
  return null;
}
