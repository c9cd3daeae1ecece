export type Tab = 'queue' | 'closed' | 'devices' | 'quarantine';

const others: readonly Tab[] = ['closed', 'devices', 'quarantine'];

/** The tab lives in the address, so that a reload and the browser's "back" do what one expects. */
export const tabOfHash = (hash: string): Tab => others.find((tab) => hash === `#${tab}`) ?? 'queue';
