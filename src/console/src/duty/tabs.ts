export type Tab = 'queue' | 'closed' | 'quarantine';

/** The tab lives in the address, so that a reload and the browser's "back" do what one expects. */
export const tabOfHash = (hash: string): Tab =>
  hash === '#closed' ? 'closed' : hash === '#quarantine' ? 'quarantine' : 'queue';
