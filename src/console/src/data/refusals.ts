import { request } from './http.ts';

export interface Refusal {
  id: number;
  at: string;
  what: 'connect' | 'publish' | 'subscribe';
  who: string;
  from: string;
  topic: string | null;
  reason: string;
}

/** The hub keeps so few that they are one page. */
export const listRefusals = async () => ({ ...(await request<{ items: Refusal[] }>('GET', '/refusals')), next: null });
