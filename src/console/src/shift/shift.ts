import type { AudioReport } from '../data/liveQueue.ts';

/** Whether this console can be heard, as far as the browser says and a person has confirmed. */
export interface Shift {
  readonly started: boolean;
  /** What the browser says of the audio output. */
  readonly audioRunning: boolean;
  /** When a person last said "I heard it"; null when that has to be asked. */
  readonly confirmedAtMs: number | null;
  /** A person said that nothing was heard. */
  readonly reportedMute: boolean;
}

export type ShiftEvent =
  | { type: 'started' }
  | { type: 'heard'; atMs: number }
  | { type: 'not_heard' }
  | { type: 'audio'; running: boolean }
  | { type: 'output_changed' };

export const ReconfirmMs = 60 * 60_000;

export const offDuty: Shift = { started: false, audioRunning: false, confirmedAtMs: null, reportedMute: false };

export function shiftReducer(shift: Shift, event: ShiftEvent): Shift {
  switch (event.type) {
    case 'started':
      return { started: true, audioRunning: true, confirmedAtMs: null, reportedMute: false };
    case 'heard':
      return { ...shift, confirmedAtMs: event.atMs, reportedMute: false };
    case 'not_heard':
      return { ...shift, confirmedAtMs: null, reportedMute: true };
    case 'audio':
      return shift.audioRunning === event.running ? shift : { ...shift, audioRunning: event.running };
    case 'output_changed':
      return { ...shift, confirmedAtMs: null };
  }
}

/** What the operator has to do about the sound, as one full-width bar. */
export type ShiftBar = 'start' | 'broken' | 'mute' | 'confirm' | 'reconfirm' | null;

export function shiftBar(shift: Shift, nowMs: number): ShiftBar {
  if (!shift.started) return 'start';
  if (!shift.audioRunning) return 'broken';
  if (shift.reportedMute) return 'mute';
  if (shift.confirmedAtMs === null) return 'confirm';
  return nowMs - shift.confirmedAtMs >= ReconfirmMs ? 'reconfirm' : null;
}

export function audioReport(shift: Shift, nowMs: number): AudioReport {
  const bar = shiftBar(shift, nowMs);
  return { ok: bar === null || bar === 'confirm' || bar === 'reconfirm', confirmed: bar === null };
}
