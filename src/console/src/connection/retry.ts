/** The wait before each attempt to reach the hub. It never gives up: a console that stopped trying looks healthy (C2). */
const DelaysS = [0, 1, 2, 5];
const JitterShare = 0.2;

/** `random` in [0, 1) spreads the consoles of a city that all lost the same hub. */
export function retryDelayMs(attempt: number, random: number): number {
  const seconds = DelaysS[Math.min(attempt, DelaysS.length - 1)] ?? 0;
  return seconds * 1000 * (1 + JitterShare * (random - 0.5));
}
