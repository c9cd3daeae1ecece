/** How much the list can be trusted, by the time since the hub was last heard (C1, C4). */
export type Freshness = 'live' | 'stale' | 'loud' | 'lost';

export const StaleAfterMs = 3_000;
export const LoudAfterMs = 15_000;
export const LostAfterMs = 30_000;

export function freshnessOf(silentMs: number): Freshness {
  if (silentMs > LostAfterMs) return 'lost';
  if (silentMs > LoudAfterMs) return 'loud';
  return silentMs > StaleAfterMs ? 'stale' : 'live';
}
