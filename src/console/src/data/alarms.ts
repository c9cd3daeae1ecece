import { Problem, request } from './http.ts';

export type Priority = 'critical' | 'high' | 'medium' | 'low';
export type AlarmState =
  | 'unacknowledged'
  | 'acknowledged'
  | 'returned_unacknowledged'
  | 'closed'
  | 'shelved'
  | 'suppressed'
  | 'out_of_service';

/** Whom an escalation has reached. */
export type EscalationTarget = 'region' | 'next_level' | 'supervisor' | 'contacts';

/** How far the response has come. */
export type ResponseStage = 'none' | 'claimed' | 'dispatched' | 'accepted' | 'en_route' | 'on_scene';

export type IncidentKind = 'single' | 'related' | 'confirmed_fire' | 'storm';
export type Disposition = 'real' | 'false' | 'test' | 'technical' | 'duplicate';

export const Dispositions: readonly Disposition[] = ['real', 'false', 'test', 'technical', 'duplicate'];

export interface UserRef {
  user: string;
  name: string;
}

export interface Stamp extends UserRef {
  at: string;
}

/** Who did something: a person, a device that took its signal back, or the hub by a rule. */
export interface Author {
  kind: 'device' | 'user' | 'hub';
  id: string;
  name: string;
}

export interface Alarm {
  id: string;
  version: number;
  kind: string;
  priority: Priority;
  state: AlarmState;
  active: boolean;
  acknowledged: boolean;
  raisedAt: string;
  /** When it happened by the device's own account; differs from `raisedAt` for what was buffered. */
  occurredAt: string;
  lastSignalAt: string;
  annunciatedAt: string;
  escalation: { tier: number; to: EscalationTarget; at: string } | null;
  stage: ResponseStage;
  /** Who was sent. */
  assignedTo: Stamp | null;
  /** The owner was told that nothing moves, or the dispatcher that no receipt has come. */
  reminded: boolean;
  /** Id of the incident's first alarm. */
  incidentId: string;
  incident: IncidentKind;
  /** Why it is on record and does not sound. */
  suppression: { kind: 'shelved' | 'by_design' | 'out_of_service'; cause: string; until: string | null } | null;
  chattering: boolean;
  verifyUntil: string | null;
  count: number;
  device: { id: string; kind: string; name: string };
  site: { id: string; kind: string; name: string; address: string };
  region: { id: string; name: string; path: string[] };
  place: string | null;
  /** The reading that the hub found it in. */
  about: string | null;
  resident: { id: string; name: string; age: number | null; sex: string | null } | null;
  acknowledgedBy: Stamp | null;
  claimedBy: Stamp | null;
  firstSeenBy: Stamp | null;
  closedAt: string | null;
  disposition: Disposition | null;
  closedBy: Author | null;
}

export interface Contact {
  name: string;
  relation: string;
  phone: string;
}

export interface ResidentCard {
  phone: string | null;
  careLevel: string | null;
  livesAlone: boolean;
  riskFlags: string[];
  medicalNotes: string | null;
  allergies: string | null;
  medication: string | null;
  keySafe: string | null;
  contacts: Contact[];
}

export interface TimelineEntry {
  seq: number;
  at: string;
  event: string;
  author: Author;
  reason: string | null;
  note: string | null;
}

export interface PastAlarm {
  id: string;
  kind: string;
  priority: Priority;
  raisedAt: string;
  closedAt: string | null;
  disposition: Disposition | null;
}

export interface ExplainedAlarm {
  id: string;
  kind: string;
  device: string;
  place: string | null;
  site: string;
  raisedAt: string;
}

export interface AlarmDetail extends Alarm {
  residentCard: ResidentCard | null;
  siteCard: { address: string | null; phone: string | null; accessNotes: string | null } | null;
  deviceCard: {
    model: string | null;
    lastHeardAt: string | null;
    online: boolean;
    battery: number | null;
    batteryAt: string | null;
  } | null;
  timeline: TimelineEntry[];
  recent: PastAlarm[];
  /** Open alarms that this one explains, the latest of them: silent devices in an outage, for example. */
  explains: { count: number; items: ExplainedAlarm[] };
}

/** A signal as it was received, with what was decided about it and by which rule. */
export interface DecidedSignal {
  at: string;
  deviceId: string;
  kind: string;
  outcome: string;
  /** Null: it raised none. */
  alarmId: string | null;
  reason: string;
}

export interface DecidedSignalList {
  truncated: boolean;
  items: DecidedSignal[];
}

export interface AlarmPage {
  items: Alarm[];
  next: string | null;
}

const path = (id: string) => `/alarms/${encodeURIComponent(id)}`;

export const getAlarm = (id: string) => request<AlarmDetail>('GET', path(id));

/** What was said at the alarm's site around its raising, the latest first. */
export const listSignals = (id: string) => request<DecidedSignalList>('GET', `${path(id)}/signals`);

export const listClosed = (before: string | null) =>
  request<AlarmPage>('GET', `/alarms?state=closed&limit=100${before ? `&before=${encodeURIComponent(before)}` : ''}`);

/**
 * What came of an action. A refusal is a value: who was faster and when is what the operator has to read.
 */
export type ActionOutcome =
  | { ok: true; alarm: Alarm }
  | { ok: false; code: string; owner: UserRef | null; since: string | null; alarm: Alarm | null };

async function act(id: string, action: string, body: unknown): Promise<ActionOutcome> {
  try {
    return { ok: true, alarm: await request<Alarm>('POST', `${path(id)}/${action}`, body) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { owner, since, alarm } = error.body as { owner?: UserRef; since?: string; alarm?: Alarm };
    return { ok: false, code: error.code, owner: owner ?? null, since: since ?? null, alarm: alarm ?? null };
  }
}

/** An action names the alarm and the version the operator was looking at, never a position in a list. */
export interface Target {
  id: string;
  version: number;
}

export const acknowledge = ({ id, version }: Target) => act(id, 'acknowledge', { version });
export const claim = ({ id, version }: Target) => act(id, 'claim', { version });
export const takeOver = ({ id, version }: Target, reason: string) => act(id, 'take-over', { version, reason });
export const release = ({ id, version }: Target) => act(id, 'release', { version, reason: null });
export const resolve = ({ id, version }: Target, disposition: Disposition, note: string) =>
  act(id, 'resolve', { version, disposition, note });
export const dispatch = ({ id, version }: Target, to: string) => act(id, 'dispatch', { version, to });
export const handOver = ({ id, version }: Target, to: string) => act(id, 'hand-over', { version, to, reason: null });

/** What a carer reports from the road. */
export type CarerStep = 'accept' | 'en-route' | 'on-scene';
export const progress = ({ id, version }: Target, step: CarerStep) => act(id, step, { version });

export interface StaffMember extends UserRef {
  role: string;
}

/** Who may be sent to this alarm, or take it over. */
export const listStaff = (id: string) => request<StaffMember[]>('GET', `${path(id)}/staff`);

export const addNote = (id: string, note: string) => act(id, 'notes', { note });
