import { type Freshness, freshnessOf } from '../connection/freshness.ts';
import { HubLink, type Transport } from '../connection/hubLink.ts';
import { ServerClock } from '../connection/serverClock.ts';
import type { Alarm, UserRef } from '../data/alarms.ts';
import type { AudioReport, Cursor, Delta, DesksNotice, Heartbeat, Trouble, ViewingNotice } from '../data/liveQueue.ts';
import { type Announcement, announce, newlyAnnunciated } from './arrivals.ts';
import { type NearerDesks, nearerDesk, nearerDesksOf } from './audience.ts';
import { DeltaPace } from './deltaPace.ts';
import { annunciationKey } from './order.ts';
import {
  applyAnswer,
  applyDeltas,
  applySnapshot,
  countsMatch,
  emptyQueue,
  judgeHeartbeat,
  type QueueState,
} from './queueState.ts';

/** What the screen shows of the live queue. A new object for every change, so that comparing is cheap. */
export interface LiveView {
  readonly queue: QueueState;
  readonly connected: boolean;
  readonly loaded: boolean;
  readonly viewers: ReadonlyMap<string, readonly UserRef[]>;
  /** What the hub's last heartbeat said is wrong with the hub itself. */
  readonly trouble: readonly Trouble[];
  /** As of the last heartbeat: when none comes any more it holds no longer. */
  readonly desks: NearerDesks;
}

const nothingKnown: LiveView = {
  queue: emptyQueue,
  connected: false,
  loaded: false,
  viewers: new Map(),
  trouble: [],
  desks: null,
};

export interface LiveQueueListener {
  changed?(): void;
  heard?(): void;
  /** `caughtUp`: these were raised while this console was not following. */
  announced?(announcements: readonly Announcement[], caughtUp: boolean): void;
  signedOut?(): void;
}

/** An open connection on which nothing is heard for this long is given up. */
const SilentConnectionMs = 20_000;
/** When counts never agree the fault is the hub's, and asking without pause would only make it worse. */
const StartOverEveryMs = 10_000;
const DeltasBufferedMax = 10_000;

/** Follows the hub's stream: snapshot, deltas, heartbeats; sees gaps and repairs them; tells sightings back. */
export class LiveQueue {
  readonly clock = new ServerClock();
  private view: LiveView = nothingKnown;
  private readonly link: HubLink;
  private readonly pace = new DeltaPace((deltas) => this.onDeltas(deltas));
  private readonly listeners = new Set<LiveQueueListener>();
  private readonly receivedAtMs = new Map<string, number>();
  private lastHeardMs = performance.now();
  private lastStartOverMs = Number.NEGATIVE_INFINITY;
  private subscribing = false;
  private buffered: Delta[] = [];
  private desksMeanwhile: DesksNotice | null = null;
  private desksNumber = 0;
  private unsentSightings = new Set<string>();
  private viewingId: string | null = null;
  private audio: AudioReport = { ok: false, confirmed: false };

  constructor(connect: () => Transport) {
    this.link = new HubLink(connect, {
      connected: () => this.onConnected(),
      disconnected: () => this.show({ connected: false, viewers: new Map() }),
      delta: (delta) => this.onDelta(delta),
      heartbeat: (heartbeat) => this.onHeartbeat(heartbeat),
      viewing: (notice) => this.onViewing(notice),
      desks: (notice) => this.onDesks(notice),
      signedOut: () => this.tell((listener) => listener.signedOut?.()),
    });
  }

  start(): void {
    this.lastHeardMs = performance.now();
    this.link.start();
  }

  stop(): void {
    this.link.stop();
    this.pace.forget();
  }

  listen(listener: LiveQueueListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** In the form that React's useSyncExternalStore wants. */
  readonly subscribe = (changed: () => void) => this.listen({ changed });
  readonly current = (): LiveView => this.view;

  silentMs(): number {
    return performance.now() - this.lastHeardMs;
  }

  freshness(): Freshness {
    return freshnessOf(this.silentMs());
  }

  /** Nearer desks that the hub still vouches for. */
  trustedDesks(): NearerDesks {
    return this.freshness() === 'live' ? this.view.desks : null;
  }

  lastHeardAtMs(): number {
    return this.lastHeardMs;
  }

  /** When what `key` names came to this console to be answered; the sound starts from there. */
  receivedMs(key: string): number | undefined {
    return this.receivedAtMs.get(key);
  }

  /** Called each second: a connection that is open but mute is replaced. */
  tick(): void {
    if (this.view.connected && this.silentMs() > SilentConnectionMs) this.link.restart();
  }

  applyAnswer(alarm: Alarm): void {
    this.adopt({ queue: applyAnswer(this.view.queue, alarm) });
  }

  /** Reports that these alarms have been painted; kept until the hub has taken it. */
  seen(ids: readonly string[]): void {
    for (const id of ids) this.unsentSightings.add(id);
    this.sendSightings();
  }

  viewing(alarmId: string | null): void {
    this.viewingId = alarmId;
    this.send('Viewing', alarmId);
  }

  reportAudio(report: AudioReport): void {
    this.audio = report;
    this.send('ReportAudio', report);
  }

  private onConnected(): void {
    this.show({ connected: true });
    void this.resync(this.view.queue.cursor);
    this.send('ReportAudio', this.audio);
    if (this.viewingId !== null) this.send('Viewing', this.viewingId);
    this.sendSightings();
  }

  private onDelta(delta: Delta): void {
    if (!this.subscribing) this.pace.add(delta);
    else if (this.buffered.length < DeltasBufferedMax) this.buffered.push(delta);
  }

  private onDeltas(deltas: readonly Delta[]): void {
    const next = applyDeltas(this.view.queue, deltas);
    if (next === 'gap') void this.resync(this.view.queue.cursor);
    else this.adopt({ queue: next });
  }

  private onHeartbeat(heartbeat: Heartbeat): void {
    this.heard(heartbeat.serverTime);
    this.pace.flush();
    if (heartbeat.trouble.join() !== this.view.trouble.join()) this.show({ trouble: heartbeat.trouble });
    if (this.subscribing) return;
    const verdict = judgeHeartbeat(this.view.queue, heartbeat);
    if (verdict === 'start_over') void this.resync(null);
    else if (verdict === 'resync') void this.resync(this.view.queue.cursor);
  }

  private onViewing({ alarmId, viewers }: ViewingNotice): void {
    const next = new Map(this.view.viewers);
    if (viewers.length === 0) next.delete(alarmId);
    else next.set(alarmId, viewers);
    this.show({ viewers: next });
  }

  /** Those of a feed that was given up may come late; and while an answer is awaited it may be older than they are. */
  private onDesks(notice: DesksNotice): void {
    if (this.subscribing) this.desksMeanwhile = laterOf(notice, this.desksMeanwhile);
    else if (notice.number > this.desksNumber) this.adopt({ desks: this.take(notice) });
  }

  private take(notice: DesksNotice | null): NearerDesks {
    this.desksNumber = notice?.number ?? 0;
    return nearerDesksOf(notice);
  }

  /** Asks for what is missing since the cursor, or for everything. Deltas that arrive meanwhile wait their turn. */
  private async resync(cursor: Cursor | null): Promise<void> {
    if (this.subscribing) return;
    this.subscribing = true;
    this.buffered = [];
    this.desksMeanwhile = null;
    // What waits to be shown comes after the cursor, and with the answer.
    this.pace.forget();
    try {
      const snapshot = await this.link.call('Subscribe', cursor);
      this.heard(snapshot.serverTime);
      const snapped = applySnapshot(this.view.queue, snapshot);
      const next = applyDeltas(snapped, this.buffered);
      this.subscribing = false;
      const desks = snapshot.desks ? laterOf(snapshot.desks, this.desksMeanwhile) : null;
      const queue = next === 'gap' ? snapped : next;
      this.adopt({ queue, loaded: true, desks: this.take(desks) }, this.view.loaded);
      if (next === 'gap' || !countsMatch(snapped, snapshot)) this.startOver();
    } catch {
      // The connection broke, or the hub refused; the next heartbeat or the next connection asks again.
      this.subscribing = false;
      if (this.desksMeanwhile !== null) this.onDesks(this.desksMeanwhile);
    }
  }

  private startOver(): void {
    const nowMs = performance.now();
    if (nowMs - this.lastStartOverMs < StartOverEveryMs) return;
    this.lastStartOverMs = nowMs;
    void this.resync(null);
  }

  /** Takes a new state and announces what is new to be answered here, each annunciation once (C6). */
  private adopt(change: Partial<LiveView>, caughtUp = false): void {
    const { queue, desks } = { ...this.view, ...change };
    const here: Alarm[] = [];
    for (const alarm of queue.open.values()) {
      if (nearerDesk(alarm, desks) === null) here.push(alarm);
      // Should it come to this desk after all, it comes then, and has been heard by nobody here.
      else this.receivedAtMs.delete(annunciationKey(alarm));
    }
    const fresh = newlyAnnunciated(new Set(this.receivedAtMs.keys()), here);
    const nowMs = performance.now();
    for (const alarm of fresh) this.receivedAtMs.set(annunciationKey(alarm), nowMs);
    this.forgetClosed(queue);
    this.show(change);
    if (fresh.length > 0) this.tell((listener) => listener.announced?.(announce(fresh), caughtUp));
  }

  private forgetClosed(queue: QueueState): void {
    if (this.receivedAtMs.size <= queue.open.size * 2 + 100) return;
    const live = new Set([...queue.open.values()].map(annunciationKey));
    for (const key of this.receivedAtMs.keys()) if (!live.has(key)) this.receivedAtMs.delete(key);
  }

  private sendSightings(): void {
    if (this.unsentSightings.size === 0 || !this.view.connected) return;
    const ids = [...this.unsentSightings];
    this.unsentSightings = new Set();
    this.link.call('Seen', ids).catch(() => {
      for (const id of ids) this.unsentSightings.add(id);
    });
  }

  /** State that is told anew after each connect: losing one message loses nothing. */
  private send(method: 'Viewing', id: string | null): void;
  private send(method: 'ReportAudio', report: AudioReport): void;
  private send(method: 'Viewing' | 'ReportAudio', argument: never): void {
    if (this.view.connected) this.link.call(method, argument).catch(() => undefined);
  }

  private heard(serverTime: string): void {
    this.lastHeardMs = performance.now();
    this.clock.observe(serverTime, this.lastHeardMs);
    this.tell((listener) => listener.heard?.());
  }

  private show(change: Partial<LiveView>): void {
    this.view = { ...this.view, ...change };
    this.tell((listener) => listener.changed?.());
  }

  private tell(what: (listener: LiveQueueListener) => void): void {
    for (const listener of this.listeners) what(listener);
  }
}

const laterOf = (one: DesksNotice, other: DesksNotice | null): DesksNotice =>
  other !== null && other.number > one.number ? other : one;
