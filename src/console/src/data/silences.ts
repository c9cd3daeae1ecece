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
