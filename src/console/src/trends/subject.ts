import type { Subject } from '../data/readings.ts';

/** The trends of a person or a device have an address, so that "back" and a reload do what one expects. */
export const trendsHash = ({ kind, id }: Subject): string => `#trends/${kind}/${encodeURIComponent(id)}`;

export function subjectOfHash(hash: string): Subject | null {
  const match = /^#trends\/(resident|device)\/([^/]+)$/.exec(hash);
  if (match === null) return null;
  try {
    return { kind: match[1] as Subject['kind'], id: decodeURIComponent(match[2] ?? '') };
  } catch {
    return null;
  }
}
