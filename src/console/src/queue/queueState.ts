import type { Alarm } from '../data/alarms.ts';
import type { Cursor, Delta, Heartbeat, Snapshot } from '../data/liveQueue.ts';

/** What this console knows of the hub's queue. */
export interface QueueState {
  readonly cursor: Cursor | null;
  readonly open: ReadonlyMap<string, Alarm>;
  /** Alarms that were closed while this console watched, newest last: a vanished row has to say who closed it. */
  readonly closed: ReadonlyMap<string, Alarm>;
}

export const ClosedKeptMax = 500;

export const emptyQueue: QueueState = { cursor: null, open: new Map(), closed: new Map() };

/** A full snapshot replaces everything; a partial one holds the latest state of each alarm that changed. */
export function applySnapshot(state: QueueState, snapshot: Snapshot): QueueState {
  const cursor: Cursor = { epoch: snapshot.epoch, seq: snapshot.seq };
  const base: QueueState = snapshot.full ? { ...state, open: new Map() } : state;
  return { ...applyAlarms(base, snapshot.alarms), cursor };
}

/** Deltas must follow their predecessors without a hole; those that are already known change nothing. */
export function applyDeltas(state: QueueState, deltas: readonly Delta[]): QueueState | 'gap' {
  if (state.cursor === null) return 'gap';
  let { seq } = state.cursor;
  const fresh: Alarm[] = [];
  for (const delta of deltas) {
    if (delta.seq > seq + 1) return 'gap';
    if (delta.seq <= seq) continue;
    seq = delta.seq;
    fresh.push(delta.alarm);
  }
  return fresh.length === 0 ? state : { ...applyAlarms(state, fresh), cursor: { ...state.cursor, seq } };
}

/** The answer to an action often arrives before its delta. It does not move the cursor. */
export const applyAnswer = (state: QueueState, alarm: Alarm): QueueState => applyAlarms(state, [alarm]);

export type HeartbeatVerdict = 'in_step' | 'resync' | 'start_over';

/** Compares what the hub says it has sent and holds with what this console has. */
export function judgeHeartbeat(state: QueueState, heartbeat: Heartbeat): HeartbeatVerdict {
  if (state.cursor === null || state.cursor.epoch !== heartbeat.epoch) return 'start_over';
  if (heartbeat.seq > state.cursor.seq) return 'resync';
  // A heartbeat that is behind was composed before the last delta; its counts are of an earlier moment.
  if (heartbeat.seq < state.cursor.seq) return 'in_step';
  return countsMatch(state, heartbeat) ? 'in_step' : 'resync';
}

export function countsMatch(state: QueueState, said: { openCritical: number; openTotal: number }): boolean {
  return state.open.size === said.openTotal && countCritical(state) === said.openCritical;
}

function countCritical(state: QueueState): number {
  let count = 0;
  for (const alarm of state.open.values()) if (alarm.priority === 'critical') count++;
  return count;
}

function applyAlarms(state: QueueState, alarms: readonly Alarm[]): QueueState {
  const open = new Map(state.open);
  const closed = new Map(state.closed);
  for (const alarm of alarms) {
    const known = open.get(alarm.id) ?? closed.get(alarm.id);
    if (known && known.version > alarm.version) continue;
    if (alarm.state === 'closed') {
      open.delete(alarm.id);
      closed.delete(alarm.id);
      closed.set(alarm.id, alarm);
    } else {
      open.set(alarm.id, alarm);
      closed.delete(alarm.id);
    }
  }
  for (const id of closed.keys()) {
    if (closed.size <= ClosedKeptMax) break;
    closed.delete(id);
  }
  return { cursor: state.cursor, open, closed };
}
