import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import mqtt from 'mqtt';
import { Password } from './fake-hub.ts';

const repository = join(import.meta.dirname, '../..');
const configurations = [process.env.CONFIGURATION, 'Release', 'Debug'].filter((name) => name !== undefined);
const ReadyMs = 60_000;
const AnswerMs = 30_000;

export interface Device {
  id: string;
  kind: string;
  site: string;
  secret: string;
}

/** A hub process of its own with the demo city, on free ports and in a directory that goes with it. */
export class RealHub {
  private readonly directory = mkdtempSync(join(tmpdir(), 'carehub-browser-'));
  private process: ChildProcess | null = null;
  private httpPort = 0;
  private mqttPort = 0;
  private output = '';

  static async start(): Promise<RealHub> {
    const hub = new RealHub();
    hub.httpPort = await freePort();
    hub.mqttPort = await freePort();
    await hub.launch();
    return hub;
  }

  get url(): string {
    return `http://127.0.0.1:${this.httpPort}/`;
  }

  get devices(): Device[] {
    const [, ...lines] = readFileSync(join(this.directory, 'demo/devices.csv'), 'utf8').trim().split('\n');
    return lines.map((line) => {
      const [id = '', kind = '', site = '', secret = ''] = line.trim().split(',');
      return { id, kind, site, secret };
    });
  }

  /** A device of this kind, at this site, that no test has used yet. */
  take(kind: string, site?: string): Device {
    const device = this.devices.find(
      (each) => each.kind === kind && (site ?? each.site) === each.site && !this.taken.has(each.id),
    );
    if (!device) throw new Error(`the demo city has no (more) ${kind}`);
    this.taken.add(device.id);
    return device;
  }
  private readonly taken = new Set<string>();

  /** Somebody who answers the alarms of this region, by the command that an administrator uses. */
  async addOperator(user: string, region: string): Promise<void> {
    const command = [executable(), 'users', 'add', user, '--region', region, '--password', Password];
    await promisify(execFile)('dotnet', command, {
      env: { ...process.env, CareHub__DataDirectory: this.directory },
    });
  }

  connect(device: Device): Promise<mqtt.MqttClient> {
    const connecting = mqtt.connectAsync(`mqtt://127.0.0.1:${this.mqttPort}`, {
      clientId: device.id,
      username: device.id,
      password: device.secret,
    });
    return answered('CONNACK', connecting);
  }

  /** Publishes at QoS 1 and answers once the hub has acknowledged. */
  async publish(device: Device, payload: string): Promise<void> {
    const client = await this.connect(device);
    await answered('PUBACK', client.publishAsync(`care/v1/${device.id}/signal`, payload, { qos: 1 }));
    await answered('the end of the connection', client.endAsync());
  }

  signal(device: Device, type: string, id = `${type}-${device.id}-${Date.now()}`): Promise<void> {
    return this.publish(device, JSON.stringify({ id, type }));
  }

  /** What `kill -9` and a power cut have in common: nothing is tidied up. */
  async kill(): Promise<void> {
    const { process } = this;
    if (!process) return;
    const gone = new Promise((resolve) => process.once('exit', resolve));
    process.kill('SIGKILL');
    await gone;
    this.process = null;
  }

  async launch(): Promise<void> {
    this.process = spawn('dotnet', [executable(), 'serve'], {
      env: {
        ...process.env,
        ASPNETCORE_URLS: this.url.slice(0, -1),
        CareHub__DataDirectory: this.directory,
        CareHub__Mqtt__Listen: `127.0.0.1:${this.mqttPort}`,
        CareHub__Demo: 'true',
        CareHub__DemoPassword: Password,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // A test run that is cut short must not leave a hub behind.
    const orphan = this.process;
    process.once('exit', () => orphan.kill('SIGKILL'));
    const keep = (chunk: Buffer) => {
      this.output = (this.output + chunk).slice(-20_000);
    };
    this.process.stdout?.on('data', keep);
    this.process.stderr?.on('data', keep);
    const end = Date.now() + ReadyMs;
    while (!(await this.isReady())) {
      if (Date.now() > end || this.process.exitCode !== null)
        throw new Error(`the hub did not become ready; it said:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private isReady(): Promise<boolean> {
    return fetch(`${this.url}healthz/ready`, { signal: AbortSignal.timeout(2_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}

/** The HTTP interface as an integrator would use it. */
export class ApiClient {
  private readonly url: string;
  private cookie = '';

  constructor(hub: RealHub) {
    this.url = `${hub.url}api/v1`;
  }

  async signIn(user: string): Promise<this> {
    const response = await this.post('/session', { user, password: Password });
    this.cookie = response.headers
      .getSetCookie()
      .map((each) => each.split(';')[0])
      .join('; ');
    return this;
  }

  post(path: string, body: unknown): Promise<Response> {
    return fetch(this.url + path, {
      method: 'POST',
      headers: { 'X-CareHub': '1', 'Content-Type': 'application/json', Cookie: this.cookie },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(AnswerMs),
    });
  }

  // biome-ignore lint/suspicious/noExplicitAny: whatever the hub says, a test looks into it
  async get(path: string): Promise<any> {
    const response = await fetch(this.url + path, {
      headers: { Cookie: this.cookie },
      signal: AbortSignal.timeout(AnswerMs),
    });
    return response.json();
  }

  /** The open alarm that this device has raised. */
  async alarmOf(device: Device) {
    const { items } = await this.get('/alarms?state=open&limit=200');
    // biome-ignore lint/suspicious/noExplicitAny: as above
    return items.filter((alarm: any) => alarm.device.id === device.id);
  }
}

function executable(): string {
  const candidates = configurations.map((name) =>
    join(repository, 'src/CareHub.Server/bin', name, 'net10.0/carehub.dll'),
  );
  const found = candidates.find((path) => existsSync(path));
  if (!found) throw new Error('The hub is not built. Run: dotnet build src/CareHub.Server -c Release');
  return found;
}

/** MQTT.js waits for ever; a test says what it has waited for in vain. */
function answered<T>(what: string, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => reject(new Error(`no ${what} within ${AnswerMs} ms`)), AnswerMs);
    answer.then(resolve, reject).finally(() => clearTimeout(patience));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
