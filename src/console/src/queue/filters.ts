import type { Alarm } from '../data/alarms.ts';
import { isQuiet } from './order.ts';

export type Filter = 'all' | 'unclaimed' | 'mine' | 'quiet';

export const Filters: readonly Filter[] = ['all', 'unclaimed', 'mine', 'quiet'];

export function matchesFilter(filter: Filter, me: string): (alarm: Alarm) => boolean {
  switch (filter) {
    case 'all':
      return (alarm) => !isQuiet(alarm);
    case 'unclaimed':
      return (alarm) => alarm.claimedBy === null && !isQuiet(alarm);
    case 'mine':
      return (alarm) => alarm.claimedBy?.user === me || alarm.assignedTo?.user === me;
    case 'quiet':
      return isQuiet;
  }
}
