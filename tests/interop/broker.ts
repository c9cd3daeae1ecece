import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';

const repository = join(import.meta.dirname, '../..');
const configurations = [process.env.CONFIGURATION, 'Release', 'Debug'].filter((name) => name !== undefined);
const ReadyMs = 60_000;

export const transports = ['tcp', 'tls', 'ws', 'wss'] as const;
export type Transport = (typeof transports)[number];

/** `broker --allow-anonymous` as a process of its own, on every transport, with a certificate that goes with it. */
export class Broker {
  private readonly directory = mkdtempSync(join(tmpdir(), 'carehub-interop-'));
  private process: ChildProcess | null = null;
  private output = '';
  readonly urls = new Map<Transport, string>();

  /** The authority to trust. */
  get ca(): Buffer {
    return readFileSync(this.path('ca.pem'));
  }

  async start(): Promise<void> {
    this.makeCertificates();
    const program = configurations
      .map((name) => join(repository, `src/CareHub.Server/bin/${name}/net10.0/carehub.dll`))
      .find((path) => existsSync(path));
    if (!program) throw new Error('the hub is not built: `make build`');
    const anywhere = '127.0.0.1:0';
    const listen = ['--listen', anywhere, '--tls-listen', anywhere, '--ws-listen', anywhere, '--wss-listen', anywhere];
    const certificate = ['--certificate', this.path('broker.pem'), '--key', this.path('broker.key')];
    this.process = spawn('dotnet', [program, 'broker', '--allow-anonymous', ...listen, ...certificate]);
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    const end = Date.now() + ReadyMs;
    while (!/over WebSocket listens on .*\n/.test(this.output)) {
      if (Date.now() > end || this.process.exitCode !== null) throw new Error(`no broker: ${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.urls.set('tcp', `mqtt://127.0.0.1:${this.find(/MQTT broker listens on \S+:(\d+)/)}`);
    this.urls.set('tls', `mqtts://localhost:${this.find(/MQTT over TLS listens on \S+:(\d+)/)}`);
    this.urls.set('ws', this.find(/(ws:[^,\s]+)/));
    this.urls.set('wss', this.find(/(wss:[^,\s]+)/).replace('127.0.0.1', 'localhost'));
  }

  async stop(): Promise<void> {
    const { process } = this;
    if (process && process.exitCode === null) {
      const gone = new Promise((resolve) => process.once('exit', resolve));
      process.kill('SIGTERM');
      await gone;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  private find(pattern: RegExp): string {
    const found = pattern.exec(this.output)?.[1];
    if (!found) throw new Error(`the broker does not say ${pattern}: ${this.output}`);
    return found;
  }

  private path(name: string): string {
    return join(this.directory, name);
  }

  private makeCertificates(): void {
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: this.directory, stdio: 'pipe' });
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    writeFileSync(this.path('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
    openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=interop', '-days', '2');
    openssl('req', ...newKey, '-keyout', 'broker.key', '-out', 'broker.csr', '-subj', '/CN=localhost');
    const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names', '-days', '2'];
    openssl('x509', '-req', '-in', 'broker.csr', '-out', 'broker.pem', ...sign);
  }
}

/** One broker for a file of tests. */
export function withBroker(): Broker {
  const broker = new Broker();
  before(() => broker.start());
  after(() => broker.stop());
  return broker;
}
