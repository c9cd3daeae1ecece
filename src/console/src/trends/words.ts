import type { LatestReading, ReadingEvent } from '../data/readings.ts';
import { type Language, wireWord } from '../i18n/translate.ts';

/** Vital signs first, the device's own state last. */
const order = [
  'heart_rate',
  'spo2',
  'respiration_rate',
  'body_temperature',
  'blood_pressure_systolic',
  'blood_pressure_diastolic',
  'blood_glucose',
  'motion',
  'temperature',
  'humidity',
  'co_ppm',
  'gas_lel_percent',
];
const ownState = ['battery', 'signal_strength', 'voltage'];

const rankOf = (name: string): number => {
  const known = order.indexOf(name);
  const own = ownState.indexOf(name);
  return known >= 0 ? known : own >= 0 ? order.length + 1 + own : order.length;
};

export const byImportance = (a: LatestReading, b: LatestReading) =>
  rankOf(a.name) - rankOf(b.name) || a.name.localeCompare(b.name) || a.deviceId.localeCompare(b.deviceId);

export const isOwnState = (name: string) => ownState.includes(name);

export const readingLabel = (name: string, language: Language) => wireWord(language, 'reading', name);

export const unitText = (unit: string | null, language: Language) =>
  unit === null || unit === '' ? '' : wireWord(language, 'unit', unit);

/** Whole numbers as they are, others to one place; big ones without. */
export function numberText(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return String(Math.round(value));
  return value.toFixed(Math.abs(value) >= 100 ? 0 : 1).replace(/^-(0(\.0+)?)$/, '$1');
}

export function valueText(value: number, unit: string | null, language: Language): string {
  const text = unitText(unit, language);
  return text === '' ? numberText(value) : `${numberText(value)} ${text}`;
}

/** Of what the timelines say, what a chart marks. */
const marked = new Set(['raised', 'repeated', 'reactivated', 'cancelled', 'returned', 'resolved']);

export const isMarked = ({ event }: ReadingEvent) => marked.has(event);

/** An alarm's beginning stands out; what came of it is only listed. */
export const isBeginning = ({ event }: ReadingEvent) => event === 'raised' || event === 'reactivated';

const ranks = { critical: 0, high: 1, medium: 2, low: 3 } as const;

/** Which marks have room for their word: the graver first, then the newer; the others keep only their line. */
export function roomFor<T extends { event: ReadingEvent; x: number }>(marks: readonly T[], px: number): ReadonlySet<T> {
  const named = new Set<T>();
  const wanted = [...marks].sort((a, b) => ranks[a.event.priority] - ranks[b.event.priority] || b.x - a.x);
  for (const mark of wanted) if (![...named].some((other) => Math.abs(other.x - mark.x) < px)) named.add(mark);
  return named;
}
