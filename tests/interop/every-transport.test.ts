import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transports, withBroker } from './broker.ts';
import { Peer, unique, versions } from './peer.ts';

const broker = withBroker();
const qualities = [0, 1, 2] as const;

for (const transport of transports)
  for (const version of versions) {
    const open = (options = {}) => Peer.open(broker, transport, version, options);
    const persistent = (clientId: string) =>
      open({ clientId, clean: false, ...(version === 5 ? { properties: { sessionExpiryInterval: 600 } } : {}) });
    const name = `${transport}, ${version === 5 ? '5.0' : '3.1.1'}`;

    test(`${name}: every QoS published and subscribed arrives at the lower of both`, async () => {
      const [publisher, subscriber] = [await open(), await open()];
      for (const wanted of qualities) {
        const topic = unique('qos');
        const [granted] = await subscriber.client.subscribeAsync(topic, { qos: wanted });
        assert.equal(granted?.qos, wanted);
        for (const qos of qualities) {
          await publisher.publish(topic, `${qos}`, { qos });
          const { text, packet } = await subscriber.next();
          assert.deepEqual([text, packet.qos], [`${qos}`, Math.min(qos, wanted)]);
        }
      }
      await Promise.all([publisher.close(), subscriber.close()]);
    });

    test(`${name}: many messages of each QoS keep their order`, async () => {
      const [publisher, subscriber] = [await open(), await open()];
      for (const qos of qualities) {
        const topic = unique('order');
        await subscriber.client.subscribeAsync(topic, { qos });
        const sent = Array.from({ length: 300 }, (_, i) => `${i}`);
        await Promise.all(sent.map((text) => publisher.publish(topic, text, { qos })));
        const got = [];
        for (const _ of sent) got.push((await subscriber.next()).text);
        assert.deepEqual(got, sent);
      }
      await Promise.all([publisher.close(), subscriber.close()]);
    });

    test(`${name}: a retained message greets who subscribes later, until it is cleared`, async () => {
      const topic = unique('retained');
      const publisher = await open();
      await publisher.publish(topic, 'kept', { qos: 1, retain: true });
      const later = await open();
      await later.client.subscribeAsync(topic, { qos: 1 });
      const { text, packet } = await later.next();
      assert.deepEqual([text, packet.retain], ['kept', true]);
      await publisher.publish(topic, 'live', { qos: 1, retain: true });
      const live = await later.next();
      assert.deepEqual([live.text, live.packet.retain], ['live', false]);
      await publisher.publish(topic, '', { qos: 1, retain: true });
      const last = await open();
      await last.client.subscribeAsync(topic, { qos: 1 });
      assert.deepEqual(await last.allUntilNow(publisher), []);
      await Promise.all([publisher.close(), later.close(), last.close()]);
    });

    test(`${name}: a will is published when the connection breaks, and not after a goodbye`, async () => {
      const topic = unique('will');
      const watcher = await open();
      await watcher.client.subscribeAsync(topic, { qos: 2 });
      const will = (text: string) => ({ will: { topic, payload: Buffer.from(text), qos: 2 as const, retain: false } });
      await (await open(will('polite'))).close();
      await (await open(will('gone'))).drop();
      const { text, packet } = await watcher.next();
      assert.deepEqual([text, packet.qos], ['gone', 2]);
      assert.deepEqual(await watcher.allUntilNow(watcher), []);
      await watcher.close();
    });

    test(`${name}: a persistent session gets what it missed`, async () => {
      const [topic, clientId] = [unique('missed'), unique('keeper')];
      const first = await persistent(clientId);
      assert.equal(first.connack.sessionPresent, false);
      await first.client.subscribeAsync(topic, { qos: 2 });
      await first.drop();
      const publisher = await open();
      for (const qos of [1, 2] as const) await publisher.publish(topic, `q${qos}`, { qos });
      const second = await persistent(clientId);
      assert.equal(second.connack.sessionPresent, true);
      const missed = [await second.next(), await second.next()];
      assert.deepEqual(
        missed.map(({ text, packet }) => [text, packet.qos]),
        [
          ['q1', 1],
          ['q2', 2],
        ],
      );
      await second.close();
      const clean = await open({ clientId, clean: true });
      assert.equal(clean.connack.sessionPresent, false);
      await publisher.publish(topic, 'after', { qos: 1 });
      assert.deepEqual(await clean.allUntilNow(publisher), []);
      await Promise.all([publisher.close(), clean.close()]);
    });

    test(`${name}: a shared subscription gives each message to one of its members`, async () => {
      const topic = unique('shared');
      const [publisher, one, other] = [await open(), await open(), await open()];
      for (const member of [one, other]) await member.client.subscribeAsync(`$share/group/${topic}`, { qos: 1 });
      const sent = Array.from({ length: 40 }, (_, i) => `${i}`);
      for (const text of sent) await publisher.publish(topic, text, { qos: 1 });
      const [left, right] = [await one.allUntilNow(publisher), await other.allUntilNow(publisher)];
      assert.ok(left.length > 0 && right.length > 0, `${left.length} and ${right.length}`);
      const all = [...left, ...right].map(({ text }) => Number(text)).sort((a, b) => a - b);
      assert.deepEqual(all, sent.map(Number));
      await Promise.all([publisher.close(), one.close(), other.close()]);
    });

    test(`${name}: after unsubscribing nothing comes`, async () => {
      const topic = unique('un');
      const [publisher, subscriber] = [await open(), await open()];
      await subscriber.client.subscribeAsync([`${topic}/+`, `${topic}/#`], { qos: 1 });
      await subscriber.client.unsubscribeAsync([`${topic}/+`, `${topic}/#`]);
      await publisher.publish(`${topic}/x`, 'no', { qos: 1 });
      assert.deepEqual(await subscriber.allUntilNow(publisher), []);
      await Promise.all([publisher.close(), subscriber.close()]);
    });

    test(`${name}: large payloads pass unchanged`, async () => {
      const topic = unique('large');
      const [publisher, subscriber] = [await open(), await open()];
      await subscriber.client.subscribeAsync(topic, { qos: 2 });
      for (const bytes of [0, 127, 16_384, 2_097_152, 5_000_000]) {
        const payload = Buffer.alloc(bytes);
        for (let i = 0; i < bytes; i++) payload[i] = (i * 31) & 0xff;
        await publisher.publish(topic, payload, { qos: 2 });
        assert.ok((await subscriber.next()).payload.equals(payload), `${bytes} bytes`);
      }
      await Promise.all([publisher.close(), subscriber.close()]);
    });

    test(`${name}: an idle connection lives on its pings, and the same client id takes it over`, async () => {
      const clientId = unique('twice');
      const first = await open({ clientId, keepalive: 1 });
      await new Promise((resolve) =>
        first.client.on('packetreceive', ({ cmd }) => cmd === 'pingresp' && resolve(null)),
      );
      const closed = new Promise<void>((resolve) => first.client.once('close', () => resolve()));
      const second = await open({ clientId });
      await closed;
      await second.publish(unique('alive'), '', { qos: 1 });
      await second.close();
    });
  }
