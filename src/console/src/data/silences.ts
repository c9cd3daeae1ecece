import type { Alarm } from './alarms.ts';
import { Problem, request } from './http.ts';

/** Tells the hub that these alarms were silenced here; it writes that into each alarm's timeline. */
export const recordSilence = (alarmIds: readonly string[], seconds: number) =>
  request<void>('POST', '/silences', { alarmIds, seconds });

/** Shelves what this alarm's device says of this kind (ISA-18.2); null when done, else why not. */
export async function shelve(alarm: Alarm, reason: string, minutes: number): Promise<string | null> {
  try {
    const body = { deviceId: alarm.device.id, kind: alarm.kind, reason, minutes };
    await request('POST', `/sites/${encodeURIComponent(alarm.site.id)}/shelves`, body);
    return null;
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

/** A walk test: what the device says is counted for the installer and is no alarm. Out of service: on record, and silent. */
export type MaintenanceMode = 'walk_test' | 'out_of_service';

/** What keeps a site's devices quiet now: a shelf, or work on them. */
export interface StandingSilence {
  id: string;
  siteId: string;
  /** Null: a shelf of a kind at the whole site, or a walk test of all its devices. */
  deviceId: string | null;
  by: { name: string };
  reason: string;
  until: string;
}

export interface Shelf extends StandingSilence {
  kind: string | null;
}

export interface Maintenance extends StandingSilence {
  mode: MaintenanceMode;
  /** Signals that came in a walk test. */
  tests: number;
}

export const listShelves = () => request<Shelf[]>('GET', '/shelves');
export const listMaintenance = () => request<Maintenance[]>('GET', '/maintenance');

const ofSite = (siteId: string, what: string) => `/sites/${encodeURIComponent(siteId)}/${what}`;

export const beginMaintenance = (
  siteId: string,
  mode: MaintenanceMode,
  deviceId: string,
  reason: string,
  minutes: number,
) => request<{ id: string }>('POST', ofSite(siteId, 'maintenance'), { mode, deviceId, reason, minutes });

export const endMaintenance = ({ siteId, id }: Maintenance, reason: string) =>
  request<{ id: string }>('POST', ofSite(siteId, `maintenance/${encodeURIComponent(id)}/end`), { reason });

export const endShelf = ({ siteId, id }: Shelf, reason: string) =>
  request<{ id: string }>('POST', ofSite(siteId, `shelves/${encodeURIComponent(id)}/end`), { reason });
