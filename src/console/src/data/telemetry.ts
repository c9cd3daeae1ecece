import { request } from './http.ts';

/** The spool: where readings are durable before they are in any store. */
export interface SpoolState {
  bytes: number;
  bytesMax: number;
  failing: boolean;
  shed: number;
  lastShedAt: string | null;
  notApplied: number;
}

/** How forwarding to InfluxDB stands; counts since the hub started. */
export interface InfluxState {
  readingsWaiting: number;
  lagSeconds: number;
  readingsForwarded: number;
  pointsRejected: number;
  readingsShed: number;
  failing: boolean;
  refused: boolean;
  lastError: string | null;
  lastErrorAt: string | null;
  lastRejectedAt: string | null;
  lastRejectReason: string | null;
}

export interface TelemetryState {
  spool: SpoolState;
  /** Null for a hub without InfluxDB. */
  influx: InfluxState | null;
}

export const telemetryState = () => request<TelemetryState>('GET', '/status');
