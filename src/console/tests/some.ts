import type { Alarm, Priority } from '../src/data/alarms.ts';
import type { Snapshot } from '../src/data/liveQueue.ts';

/** The moment at which the tests' stories begin. */
export const Noon = Date.parse('2026-11-22T12:00:00.000Z');

export const iso = (ms: number): string => new Date(ms).toISOString();

export function someAlarm(id: string, change: Partial<Alarm> & { priority?: Priority } = {}): Alarm {
  const at = iso(Noon);
  return {
    id,
    version: 1,
    kind: 'button',
    priority: 'critical',
    state: 'unacknowledged',
    active: true,
    acknowledged: false,
    raisedAt: at,
    occurredAt: at,
    lastSignalAt: at,
    annunciatedAt: at,
    escalation: null,
    stage: 'none',
    assignedTo: null,
    reminded: false,
    incidentId: id,
    incident: 'single',
    suppression: null,
    chattering: false,
    verifyUntil: null,
    count: 1,
    device: { id: `btn-${id}`, kind: 'button', name: 'button' },
    site: { id: 'home-1', kind: 'home', name: 'home', address: 'street 1' },
    region: { id: 'hz', name: 'Hangzhou', path: ['hz'] },
    place: '502',
    about: null,
    resident: { id: `r-${id}`, name: 'Wang', age: 83, sex: 'female' },
    acknowledgedBy: null,
    claimedBy: null,
    firstSeenBy: null,
    closedAt: null,
    disposition: null,
    closedBy: null,
    ...change,
  };
}

export const someUser = (name: string) => ({ user: name.toLowerCase(), name });

const authorOf = (name: string) => ({ id: name.toLowerCase(), name });

export const stampOf = (name: string, at = iso(Noon)) => ({ ...someUser(name), at });

export function closed(alarm: Alarm, by = 'Min'): Alarm {
  return {
    ...alarm,
    version: alarm.version + 1,
    state: 'closed',
    closedAt: iso(Noon),
    closedBy: { kind: 'user', ...authorOf(by) },
  };
}

export function someSnapshot(seq: number, alarms: Alarm[], change: Partial<Snapshot> = {}): Snapshot {
  const open = alarms.filter(({ state }) => state !== 'closed');
  return {
    epoch: 'life-1',
    seq,
    serverTime: iso(Noon),
    full: true,
    alarms,
    openCritical: open.filter(({ priority }) => priority === 'critical').length,
    openTotal: open.length,
    ...change,
  };
}
