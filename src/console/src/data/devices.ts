import { request } from './http.ts';

export interface Device {
  id: string;
  kind: string;
  name: string | null;
  siteId: string;
  siteName: string;
  regionName: string;
  place: string | null;
  lastHeardAt: string | null;
  online: boolean;
  connected: boolean;
  disabled: boolean;
  disabledReason: string | null;
  previousSecretUntil: string | null;
}

export interface IssuedSecret {
  deviceId: string;
  secret: string;
}

export interface IssuedClaimCode {
  deviceId: string;
  code: string;
  url: string;
  expiresAt: string;
  svg: string;
}

export const listDevices = (search: string, after: string | null) =>
  request<{ items: Device[]; next: string | null }>(
    'GET',
    `/devices?limit=50&search=${encodeURIComponent(search)}${after === null ? '' : `&after=${encodeURIComponent(after)}`}`,
  );

const act = <T>(id: string, what: string, reason: string) =>
  request<T>('POST', `/devices/${encodeURIComponent(id)}/${what}`, { reason });

export const disableDevice = (id: string, reason: string) => act<Device>(id, 'disable', reason);
export const enableDevice = (id: string, reason: string) => act<Device>(id, 'enable', reason);
export const rotateSecret = (id: string, reason: string) => act<IssuedSecret>(id, 'rotate-secret', reason);
export const createClaimCode = (id: string, reason: string) => act<IssuedClaimCode>(id, 'claim-codes', reason);
