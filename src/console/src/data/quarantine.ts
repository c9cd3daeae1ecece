import { request } from './http.ts';

export interface Quarantined {
  id: string | number;
  at: string;
  deviceId: string | null;
  topic: string;
  reason: string;
  offset: number | null;
  payload: string;
  encoding: 'text' | 'base64';
}

export interface QuarantinePage {
  items: Quarantined[];
  next: string | number | null;
}

export const listQuarantine = (before: string | number | null) =>
  request<QuarantinePage>(
    'GET',
    `/quarantine?limit=100${before === null ? '' : `&before=${encodeURIComponent(before)}`}`,
  );
