import type { Priority } from './alarms.ts';
import { request } from './http.ts';

/** Whose readings: a person's, of all their devices, or one device's. */
export interface Subject {
  kind: 'resident' | 'device';
  id: string;
}

export interface LatestReading {
  deviceId: string;
  name: string;
  unit: string | null;
  value: number;
  at: string;
  /** Older than this, the device has missed its time to speak. */
  staleAfterSeconds: number;
  /** Of a battery: the days its trend still gives it. */
  daysLeft: number | null;
}

/** What was measured in one window of time; a window without readings is not among them. */
export interface TrendPoint {
  at: string;
  min: number;
  max: number;
  avg: number;
  count: number;
}

export interface Trend {
  deviceId: string;
  name: string;
  unit: string | null;
  from: string;
  to: string;
  windowSeconds: number;
  points: TrendPoint[];
}

export interface ReadingEvent {
  at: string;
  alarmId: string;
  deviceId: string;
  kind: string;
  priority: Priority;
  event: string;
}

const path = ({ kind, id }: Subject) => `/${kind === 'resident' ? 'residents' : 'devices'}/${encodeURIComponent(id)}`;

const span = (fromMs: number, toMs: number) =>
  `from=${new Date(fromMs).toISOString()}&to=${new Date(toMs).toISOString()}`;

export const latestReadings = (of: Subject) => request<LatestReading[]>('GET', `${path(of)}/readings/latest`);

export const getTrend = (deviceId: string, name: string, fromMs: number, toMs: number, points: number) =>
  request<Trend>(
    'GET',
    `/devices/${encodeURIComponent(deviceId)}/trend?name=${encodeURIComponent(name)}&${span(fromMs, toMs)}&points=${points}`,
  );

export const listEvents = (of: Subject, fromMs: number, toMs: number) =>
  request<ReadingEvent[]>('GET', `${path(of)}/events?${span(fromMs, toMs)}`);

/** Where the browser itself fetches every reading as a table. */
export const csvUrl = (deviceId: string, name: string, fromMs: number, toMs: number) =>
  `/api/v1/devices/${encodeURIComponent(deviceId)}/readings.csv?name=${encodeURIComponent(name)}&${span(fromMs, toMs)}`;
