import { request } from './http.ts';

/** Tells the hub that these alarms were silenced here; it writes that into each alarm's timeline. */
export const recordSilence = (alarmIds: readonly string[], seconds: number) =>
  request<void>('POST', '/silences', { alarmIds, seconds });
