import mqtt, {
  type IClientOptions,
  type IClientPublishOptions,
  type IConnackPacket,
  type IPublishPacket,
  type MqttClient,
} from 'mqtt';
import type { Broker, Transport } from './broker.ts';

export const versions = [4, 5] as const;
export type Version = (typeof versions)[number];

const PatienceMs = 30_000;
let names = 0;

/** A topic or a name that no other test uses. */
export const unique = (name: string) => `${name}-${process.pid}-${++names}`;

export interface Message {
  topic: string;
  text: string;
  payload: Buffer;
  packet: IPublishPacket;
}

/** A connection of MQTT.js with its messages in order. */
export class Peer {
  private readonly messages: Message[] = [];
  private readonly waiting: ((message: Message) => void)[] = [];

  private constructor(
    readonly client: MqttClient,
    readonly connack: IConnackPacket,
  ) {}

  static async open(
    broker: Broker,
    transport: Transport,
    protocolVersion: Version,
    options: IClientOptions = {},
  ): Promise<Peer> {
    const client = mqtt.connect(broker.urls.get(transport) as string, {
      ca: broker.ca,
      clientId: unique('peer'),
      reconnectPeriod: 0,
      protocolVersion,
      ...options,
    });
    const early: Message[] = [];
    let peer: Peer | null = null;
    client.on('message', (topic, payload, packet) => {
      const message = { topic, payload, packet, text: payload.toString() };
      if (peer) peer.take(message);
      else early.push(message);
    });
    const connack = await new Promise<IConnackPacket>((resolve, reject) => {
      client.once('connect', resolve);
      client.once('error', reject);
    });
    client.on('error', () => {}); // its end is seen in what it does
    peer = new Peer(client, connack);
    for (const message of early) peer.take(message);
    return peer;
  }

  private take(message: Message): void {
    const next = this.waiting.shift();
    if (next) next(message);
    else this.messages.push(message);
  }

  /** The next message; fails when none comes. */
  next(): Promise<Message> {
    const ready = this.messages.shift();
    if (ready) return Promise.resolve(ready);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no message came')), PatienceMs);
      this.waiting.push((message) => {
        clearTimeout(timer);
        resolve(message);
      });
    });
  }

  /** Everything that has come once a message sent now has come too: what is not there by then was not sent. */
  async allUntilNow(through: Peer): Promise<Message[]> {
    const fence = unique('fence');
    await this.client.subscribeAsync(fence, { qos: 1 });
    await through.publish(fence, '', { qos: 1 });
    const all: Message[] = [];
    for (let message = await this.next(); message.topic !== fence; message = await this.next()) all.push(message);
    return all;
  }

  publish(topic: string, payload: string | Buffer, options: IClientPublishOptions = {}) {
    return this.client.publishAsync(topic, payload, options);
  }

  close(): Promise<void> {
    return this.client.endAsync();
  }

  /** The connection breaks: no DISCONNECT. */
  async drop(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.client.once('close', () => resolve()));
    this.client.stream.destroy();
    await gone;
  }
}
