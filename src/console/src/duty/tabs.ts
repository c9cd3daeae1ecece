export type Tab = 'queue' | 'closed' | 'devices' | 'quarantine';

const others: readonly Tab[] = ['closed', 'devices', 'quarantine'];

/** The tab lives in the address, so that a reload and the browser's "back" do what one expects. */
export const tabOfHash = (hash: string): Tab => others.find((tab) => hash === `#${tab}`) ?? 'queue';

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
