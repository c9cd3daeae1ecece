import type { Alarm } from '../data/alarms.ts';
import { isUnacknowledged } from '../queue/order.ts';

export type ActionName = 'acknowledge' | 'claim' | 'takeOver' | 'release' | 'resolve';

/** What this user can do with this alarm now. The hub decides; this only spares refusals that are certain. */
export function availableActions(alarm: Alarm, me: string): ReadonlySet<ActionName> {
  const actions = new Set<ActionName>();
  if (alarm.state === 'closed') return actions;
  actions.add('resolve');
  if (isUnacknowledged(alarm)) actions.add('acknowledge');
  if (alarm.claimedBy === null) actions.add('claim');
  else if (alarm.claimedBy.user === me) actions.add('release');
  else actions.add('takeOver');
  return actions;
}
