import type { Alarm, Priority } from '../data/alarms.ts';
import { isUnacknowledged } from './order.ts';

const shapes: Readonly<Record<Priority, string>> = {
  critical: 'M12 2 23 21H1Z',
  high: 'M12 1 23 12 12 23 1 12Z',
  medium: 'M12 1 23 12 12 23 1 12Z',
  low: 'M12 2a10 10 0 1 0 0 20 10 10 0 1 0 0-20Z',
};

/** Colour and shape of a priority; it flashes while nobody has acknowledged. Nothing else on the screen flashes (A3). */
export function Marker({ alarm }: { alarm: Alarm }) {
  return <PriorityMarker priority={alarm.priority} unacknowledged={isUnacknowledged(alarm)} />;
}

export function PriorityMarker({ priority, unacknowledged = false }: { priority: Priority; unacknowledged?: boolean }) {
  return (
    <svg className={`marker ${priority}`} viewBox="0 0 24 24" aria-hidden="true">
      <path className={unacknowledged ? 'marker-fill flashing' : 'marker-fill'} d={shapes[priority]} />
      <path className={unacknowledged ? 'marker-edge thick' : 'marker-edge'} d={shapes[priority]} />
    </svg>
  );
}
