import type { Alarm, UserRef } from './alarms.ts';

/** Where a console stands in the hub's numbered stream. `epoch` names one life of the hub process. */
export interface Cursor {
  epoch: string;
  seq: number;
}

/**
 * Desks on duty below this console's own region. The one with the higher number is the later one, within a life of the hub.
 * `regions` is null when they are too many to tell.
 */
export interface DesksNotice {
  number: number;
  regions: { id: string; name: string }[] | null;
}

export interface Snapshot extends Cursor {
  serverTime: string;
  full: boolean;
  alarms: Alarm[];
  openCritical: number;
  openTotal: number;
  /** Absent from a hub that does not know of nearer desks. */
  desks?: DesksNotice;
}

export interface Delta {
  seq: number;
  alarm: Alarm;
}

/** What is wrong with the hub itself right now. */
export type Trouble = 'commit_fails' | 'commit_hangs' | 'triage_fails' | 'sessions_fail';

export interface Heartbeat extends Cursor {
  serverTime: string;
  trouble: Trouble[];
  openCritical: number;
  openTotal: number;
}

export interface ViewingNotice {
  alarmId: string;
  viewers: UserRef[];
}

export interface AudioReport {
  ok: boolean;
  confirmed: boolean;
}

/** The calls that the console makes over SignalR, by the names the hub knows. */
export interface HubCalls {
  Subscribe: { args: [Cursor | null]; answer: Snapshot };
  Seen: { args: [string[]]; answer: undefined };
  Viewing: { args: [string | null]; answer: undefined };
  ReportAudio: { args: [AudioReport]; answer: undefined };
}
