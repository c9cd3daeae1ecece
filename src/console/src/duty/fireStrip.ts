import type { Alarm } from '../data/alarms.ts';
import { isQuiet } from '../queue/order.ts';

/** The lamps of a fire control room, in the order that its operators know by heart. */
export type Lamp = 'fire' | 'start' | 'feedback' | 'supervise' | 'shield' | 'fault';

export const Lamps: readonly Lamp[] = ['fire', 'start', 'feedback', 'supervise', 'shield', 'fault'];

const kindsOf: Partial<Record<Lamp, readonly string[]>> = {
  fire: ['smoke', 'heat'],
  // Gas and carbon monoxide are watched by the fire control room but are no fire.
  supervise: ['co', 'gas', 'tamper'],
  fault: ['fault', 'low_battery', 'offline'],
};

/** How many open alarms light each lamp; null for a lamp that nothing feeds yet, which must not look like "all well". */
export function lampCounts(open: Iterable<Alarm>): Record<Lamp, number | null> {
  const alarms = [...open];
  const count = (lamp: Lamp) => {
    if (lamp === 'shield') return alarms.filter(isQuiet).length;
    const kinds = kindsOf[lamp];
    return kinds === undefined ? null : alarms.filter((alarm) => kinds.includes(alarm.kind) && !isQuiet(alarm)).length;
  };
  return Object.fromEntries(Lamps.map((lamp) => [lamp, count(lamp)])) as Record<Lamp, number | null>;
}
