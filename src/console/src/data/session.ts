import { Problem, request } from './http.ts';

export type Role = 'operator' | 'care_staff' | 'supervisor' | 'administrator';

export interface Me {
  user: string;
  name: string;
  role: Role;
  regionId: string;
  regionName: string;
}

export const signIn = (user: string, password: string) => request<Me>('POST', '/session', { user, password });

export const signOut = () => request<void>('DELETE', '/session');

/** Who is signed in, or null when nobody is. */
export async function currentSession(): Promise<Me | null> {
  try {
    return await request<Me>('GET', '/session');
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

/** Undecodable payloads may hold anything, personal data included, so only these roles read them. */
export const maySeeQuarantine = (role: Role) => role === 'supervisor' || role === 'administrator';
