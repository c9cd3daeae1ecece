import type { Alarm } from '../data/alarms.ts';

export type Filter = 'all' | 'unclaimed' | 'mine';

export const Filters: readonly Filter[] = ['all', 'unclaimed', 'mine'];

export function matchesFilter(filter: Filter, me: string): (alarm: Alarm) => boolean {
  switch (filter) {
    case 'all':
      return () => true;
    case 'unclaimed':
      return (alarm) => alarm.claimedBy === null;
    case 'mine':
      return (alarm) => alarm.claimedBy?.user === me;
  }
}
