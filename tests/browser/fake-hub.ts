/**
 * A hub that does what a test tells it, faults included: it goes silent without closing, skips numbers, lives by a wrong
 * clock, or claims an alarm for somebody else at the last moment. A real hub cannot be made to do these on request.
 * It speaks the SignalR JSON protocol over WebSockets and the HTTP interface of docs/api.md, and serves the built console.
 */

import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Alarm, AlarmDetail, Author, UserRef } from '../../src/console/src/data/alarms.ts';
import type { DesksNotice } from '../../src/console/src/data/liveQueue.ts';
import type { InfluxState, SpoolState } from '../../src/console/src/data/telemetry.ts';
import { makeAlarm, makeDetail, type SeedName } from './demo-alarms.ts';
import { FakeReadings } from './fake-readings.ts';

const EndOfRecord = '\u001e';
export const ConsoleFiles = join(import.meta.dirname, '../../src/CareHub.Server/wwwroot');

const users: Record<string, { name: string; role: string }> = {
  operator: { name: '李强', role: 'operator' },
  supervisor: { name: '陈静', role: 'supervisor' },
  carer: { name: '王敏', role: 'care_staff' },
};
export const Password = 'demo-password';

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

interface Client {
  socket: WebSocket;
  user: string;
  subscribed: boolean;
}

type Timeline = AlarmDetail['timeline'];

export class FakeHub {
  /** Everything a console told this hub, in order. */
  readonly calls: { method: string; args: unknown[] }[] = [];
  readonly requests: { method: string; path: string; body: unknown }[] = [];
  readonly quarantine: unknown[] = [];
  readonly readings = new FakeReadings(Date.now());
  readonly telemetry: { spool: SpoolState; influx: InfluxState | null } = {
    spool: { bytes: 0, bytesMax: 4 * 2 ** 30, failing: false, shed: 0, lastShedAt: null, notApplied: 0 },
    influx: null,
  };
  heartbeats = true;
  /** While true nothing is sent at all, and the connection stays open. */
  mute = false;
  /** Added to the real time: the hub's clock is the one that counts. */
  clockOffsetMs = 0;
  /** Runs before a claim is decided. */
  beforeClaim: ((alarm: Alarm) => void) | null = null;
  /** Added to the counts that heartbeats tell. */
  trouble: string[] = [];
  countError = 0;

  private desks: DesksNotice = { number: 0, regions: [] };
  private readonly open = new Map<string, Alarm>();
  private readonly closed: Alarm[] = [];
  private readonly timelines = new Map<string, Timeline>();
  private readonly changes: { seq: number; id: string }[] = [];
  private readonly clients = new Set<Client>();
  private readonly sessions = new Map<string, string>();
  private epoch = randomUUID();
  private seq = 0;
  private server: Server | null = null;
  private timer: NodeJS.Timeout | null = null;
  private nextId = 1;
  port = 0;

  async start(port = 0): Promise<void> {
    if (!existsSync(join(ConsoleFiles, 'index.html')))
      throw new Error('The console is not built. Run: cd src/console && npm ci && npm run build');
    const server = createServer((request, response) => void this.serve(request, response));
    const sockets = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (each) => this.accept(each, request)),
    );
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    this.server = server;
    this.port = (server.address() as { port: number }).port;
    this.timer = setInterval(() => this.heartbeat(), 1_000);
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.dropConnections();
    const { server } = this;
    this.server = null;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  /** The process dies and comes back on the same port: what was committed is there, the stream is a new one. */
  async restart(whileDown: () => void = () => undefined): Promise<void> {
    const { port } = this;
    await this.stop();
    whileDown();
    this.epoch = randomUUID();
    this.seq = 0;
    this.changes.length = 0;
    await this.start(port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  nowMs(): number {
    return Date.now() + this.clockOffsetMs;
  }

  raise(seed: SeedName, change: Partial<Alarm> = {}, ageMs = 0): Alarm {
    const at = new Date(this.nowMs() - ageMs).toISOString();
    const alarm = { ...makeAlarm(`a-${this.nextId++}`, seed, at), ...change };
    this.log(alarm.id, 'raised', { kind: 'device', id: alarm.device.id, name: alarm.device.name }, null, at);
    this.publish(alarm);
    return alarm;
  }

  /** Changes an alarm and tells everybody. */
  change(id: string, change: Partial<Alarm>): Alarm {
    const before = this.open.get(id);
    if (!before) throw new Error(`no open alarm ${id}`);
    const alarm = { ...before, ...change, version: before.version + 1 };
    this.publish(alarm);
    return alarm;
  }

  claimFor(id: string, user: UserRef): void {
    this.log(id, 'claimed', { kind: 'user', id: user.user, name: user.name });
    this.change(id, { claimedBy: { ...user, at: this.nowIso() } });
  }

  closeFor(id: string, user: UserRef): void {
    this.change(id, {
      state: 'closed',
      closedAt: this.nowIso(),
      closedBy: { kind: 'user', id: user.user, name: user.name },
      disposition: 'real',
    });
  }

  /** These regions, and no others, have a desk on duty below every console here. */
  putOnDuty(...regions: { id: string; name: string }[]): void {
    this.desks = { number: this.desks.number + 1, regions };
    this.broadcast('desks', this.desks);
  }

  viewing(alarmId: string, viewers: UserRef[]): void {
    this.broadcast('viewing', { alarmId, viewers });
  }

  /** The next delta is lost on its way. */
  loseNextDelta = false;

  dropConnections(): void {
    for (const { socket } of this.clients) socket.terminate();
    this.clients.clear();
  }

  connectedConsoles(): number {
    return [...this.clients].filter(({ subscribed }) => subscribed).length;
  }

  callsOf(method: string): unknown[][] {
    return this.calls.filter((call) => call.method === method).map(({ args }) => args);
  }

  private nowIso(): string {
    return new Date(this.nowMs()).toISOString();
  }

  private log(id: string, event: string, author: Author, note: string | null = null, at = this.nowIso()): void {
    const timeline = this.timelines.get(id) ?? [];
    timeline.push({ seq: timeline.length + 1, at, event, author, reason: null, note });
    this.timelines.set(id, timeline);
  }

  private publish(alarm: Alarm): void {
    if (alarm.state === 'closed') {
      this.open.delete(alarm.id);
      this.closed.unshift(alarm);
    } else this.open.set(alarm.id, alarm);
    this.changes.push({ seq: ++this.seq, id: alarm.id });
    if (this.loseNextDelta) this.loseNextDelta = false;
    else this.broadcast('delta', { seq: this.seq, alarm });
  }

  private counts() {
    const critical = [...this.open.values()].filter(({ priority }) => priority === 'critical').length;
    return { openCritical: critical, openTotal: this.open.size };
  }

  private heartbeat(): void {
    if (!this.heartbeats) return;
    const counts = this.counts();
    this.broadcast('heartbeat', {
      epoch: this.epoch,
      seq: this.seq,
      serverTime: this.nowIso(),
      trouble: this.trouble,
      ...counts,
      openTotal: counts.openTotal + this.countError,
    });
  }

  private broadcast(target: string, argument: unknown): void {
    for (const client of this.clients)
      if (client.subscribed) this.send(client.socket, { type: 1, target, arguments: [argument] });
  }

  private send(socket: WebSocket, message: unknown): void {
    if (!this.mute && socket.readyState === socket.OPEN) socket.send(JSON.stringify(message) + EndOfRecord);
  }

  private accept(socket: WebSocket, request: IncomingMessage): void {
    const user = this.userOf(request);
    if (user === null) {
      socket.terminate();
      return;
    }
    const client: Client = { socket, user, subscribed: false };
    this.clients.add(client);
    socket.on('close', () => this.clients.delete(client));
    const pings = setInterval(() => this.send(socket, { type: 6 }), 5_000);
    socket.on('close', () => clearInterval(pings));
    let handshaken = false;
    socket.on('message', (data) => {
      for (const record of data.toString().split(EndOfRecord)) {
        if (record === '') continue;
        if (!handshaken) {
          handshaken = true;
          this.send(socket, {});
        } else this.receive(client, JSON.parse(record));
      }
    });
  }

  private receive(
    client: Client,
    message: { type: number; invocationId?: string; target: string; arguments: unknown[] },
  ): void {
    if (message.type !== 1) return;
    this.calls.push({ method: message.target, args: message.arguments });
    const result = message.target === 'Subscribe' ? this.subscribe(client, message.arguments[0]) : undefined;
    this.send(client.socket, { type: 3, invocationId: message.invocationId, ...(result ? { result } : {}) });
  }

  private subscribe(client: Client, cursor: unknown): unknown {
    client.subscribed = true;
    const from = cursor as { epoch: string; seq: number } | null;
    const partial = from !== null && from.epoch === this.epoch;
    const changed = partial
      ? [...new Set(this.changes.filter(({ seq }) => seq > from.seq).map(({ id }) => id))]
      : [...this.open.keys()];
    const alarms = changed.map((id) => this.open.get(id) ?? this.closed.find((each) => each.id === id));
    return {
      epoch: this.epoch,
      seq: this.seq,
      serverTime: this.nowIso(),
      full: !partial,
      alarms,
      ...this.counts(),
      desks: this.desks,
    };
  }

  private userOf(request: IncomingMessage): string | null {
    const token = /carehub=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
    return (token && this.sessions.get(token)) ?? null;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://hub');
    const method = request.method ?? 'GET';
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = text === '' ? undefined : JSON.parse(text);
    this.requests.push({ method, path: pathname, body });
    const answer = (status: number, json?: unknown, headers: Record<string, string> = {}): unknown => {
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
      return response.end(json === undefined ? undefined : JSON.stringify(json));
    };

    if (pathname === '/api/v1/session' && method === 'POST') {
      if (!users[body.user] || body.password !== Password) return answer(401, { code: 'sign_in_failed' });
      const token = randomUUID();
      this.sessions.set(token, body.user);
      return answer(200, this.me(body.user), { 'Set-Cookie': `carehub=${token}; HttpOnly; SameSite=Strict; Path=/` });
    }
    if (!pathname.startsWith('/api/') && !pathname.startsWith('/hubs/')) return this.serveFile(pathname, response);
    const user = this.userOf(request);
    if (user === null) return answer(401, { code: 'signed_out' });
    if (method !== 'GET' && pathname.startsWith('/api/') && request.headers['x-carehub'] !== '1')
      return answer(403, { code: 'forbidden' });
    if (pathname === '/hubs/alarms/negotiate')
      return answer(200, {
        connectionId: randomUUID(),
        connectionToken: randomUUID(),
        negotiateVersion: 1,
        availableTransports: [{ transport: 'WebSockets', transferFormats: ['Text'] }],
      });
    if (pathname === '/api/v1/session' && method === 'GET') return answer(200, this.me(user));
    if (pathname === '/api/v1/session' && method === 'DELETE') {
      for (const [token, owner] of this.sessions) if (owner === user) this.sessions.delete(token);
      return answer(204);
    }
    if (pathname === '/api/v1/silences') return answer(204);
    const readings = this.readings.answer(pathname, searchParams);
    if (readings !== undefined) return answer(200, readings);
    if (pathname === '/api/v1/status') return answer(200, this.telemetry);
    if (pathname === '/api/v1/refusals') return answer(200, { items: [] });
    if (pathname === '/api/v1/devices') return answer(200, { items: [], next: null });
    if (pathname === '/api/v1/quarantine') return answer(200, { items: this.quarantine, next: null });
    if (pathname === '/api/v1/alarms') return answer(200, { items: this.closed, next: null });
    if (/^\/api\/v1\/sites\/[^/]+\/shelves$/.test(pathname)) return answer(200, { id: 'site~1' });
    const action = /^\/api\/v1\/alarms\/([^/]+)(?:\/([\w-]+))?$/.exec(pathname);
    if (action) return this.alarm(decodeURIComponent(action[1] ?? ''), action[2] ?? null, user, body, answer);
    return answer(404, { code: 'not_found' });
  }

  private me(user: string) {
    return { user, name: users[user]?.name, role: users[user]?.role, regionId: 'hz', regionName: '杭州市' };
  }

  private alarm(
    id: string,
    action: string | null,
    user: string,
    body: Record<string, string & number>,
    answer: (status: number, json?: unknown) => unknown,
  ): unknown {
    const alarm = this.open.get(id) ?? this.closed.find((each) => each.id === id);
    if (!alarm) return answer(404, { code: 'not_found' });
    if (action === null) return answer(200, makeDetail(alarm, this.timelines.get(id) ?? [], this.nowMs()));
    const me = { user, name: users[user]?.name ?? user };
    const stamp = { ...me, at: this.nowIso() };
    const author = { kind: 'user' as const, id: me.user, name: me.name };
    if (action === 'notes') {
      this.log(id, 'note', author, body.note ?? null);
      return answer(200, this.change(id, {}));
    }
    if (alarm.state === 'closed') return answer(409, { code: 'already_closed', alarm });
    switch (action) {
      case 'acknowledge':
        this.log(id, 'acknowledged', author);
        return answer(200, this.change(id, { state: 'acknowledged', acknowledged: true, acknowledgedBy: stamp }));
      case 'claim': {
        this.beforeClaim?.(alarm);
        const now = this.open.get(id);
        if (now?.claimedBy) {
          const { at, ...owner } = now.claimedBy;
          return answer(409, { code: 'already_claimed', owner, since: at });
        }
        this.log(id, 'claimed', author);
        return answer(200, this.change(id, { claimedBy: stamp, stage: 'claimed' }));
      }
      case 'staff':
        return answer(
          200,
          Object.entries(users).map(([name, each]) => ({ user: name, name: each.name, role: each.role })),
        );
      case 'dispatch': {
        const to = String(body.to);
        this.log(id, 'dispatched', author);
        return answer(
          200,
          this.change(id, {
            claimedBy: alarm.claimedBy ?? stamp,
            stage: 'dispatched',
            assignedTo: { user: to, name: users[to]?.name ?? to, at: this.nowIso() },
          }),
        );
      }
      case 'hand-over': {
        const to = String(body.to);
        this.log(id, 'handed_over', author);
        return answer(
          200,
          this.change(id, { claimedBy: { user: to, name: users[to]?.name ?? to, at: this.nowIso() } }),
        );
      }
      case 'accept':
        return answer(200, this.change(id, { stage: 'accepted' }));
      case 'en-route':
        return answer(200, this.change(id, { stage: 'en_route' }));
      case 'on-scene':
        return answer(200, this.change(id, { stage: 'on_scene' }));
      case 'take-over':
        this.log(id, 'taken_over', author, body.reason ?? null);
        return answer(200, this.change(id, { claimedBy: stamp }));
      case 'release':
        this.log(id, 'released', author);
        return answer(200, this.change(id, { claimedBy: null }));
      case 'resolve':
        if (body.version !== alarm.version) return answer(409, { code: 'version_conflict', alarm });
        this.log(id, 'resolved', author, body.note ?? null);
        return answer(
          200,
          this.change(id, {
            state: 'closed',
            closedAt: this.nowIso(),
            closedBy: author,
            disposition: body.disposition as unknown as Alarm['disposition'],
          }),
        );
      default:
        return answer(404, { code: 'not_found' });
    }
  }

  private serveFile(pathname: string, response: ServerResponse): unknown {
    const path = normalize(pathname === '/' ? '/index.html' : pathname);
    const file = join(ConsoleFiles, path);
    if (!existsSync(file)) {
      return response.writeHead(404).end();
    }
    response.writeHead(200, {
      'Content-Type': contentTypes[extname(file)] ?? 'application/octet-stream',
      // The policy of the real hub: what it would refuse has to fail here as well.
      'Content-Security-Policy':
        "default-src 'self'; connect-src 'self' ws: wss:; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
    });
    return response.end(readFileSync(file));
  }
}
