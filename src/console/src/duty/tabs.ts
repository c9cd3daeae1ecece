import { subjectOfHash } from '../trends/subject.ts';

/** What has a place in the bar, and the trends, which belong to somebody. */
export type BarTab = 'queue' | 'closed' | 'devices' | 'quarantine';
export type Tab = BarTab | 'trends';

const others: readonly BarTab[] = ['closed', 'devices', 'quarantine'];

/** The tab lives in the address, so that a reload and the browser's "back" do what one expects. */
export const tabOfHash = (hash: string): Tab =>
  subjectOfHash(hash) === null ? (others.find((tab) => hash === `#${tab}`) ?? 'queue') : 'trends';

const AlarmHash = '#alarm/';

/** A notification's link names the alarm that it is about. */
export const alarmOfHash = (hash: string): string | null => {
  if (!hash.startsWith(AlarmHash)) return null;
  try {
    return decodeURIComponent(hash.slice(AlarmHash.length));
  } catch {
    return null;
  }
};
