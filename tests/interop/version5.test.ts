import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPublishPacket } from 'mqtt';
import { transports, withBroker } from './broker.ts';
import { Peer, unique, versions } from './peer.ts';

const broker = withBroker();

for (const transport of transports) {
  const open = (options = {}) => Peer.open(broker, transport, 5, options);

  test(`${transport}: properties reach the subscriber as they were sent`, async () => {
    const topic = unique('properties');
    const [publisher, subscriber] = [await open(), await open()];
    await subscriber.client.subscribeAsync(topic, { qos: 1, properties: { subscriptionIdentifier: 77 } });
    await publisher.publish(topic, '{"a":"数据"}', {
      qos: 1,
      properties: {
        payloadFormatIndicator: true,
        messageExpiryInterval: 1_000,
        contentType: 'application/json',
        responseTopic: 'answer/here',
        correlationData: Buffer.from([0, 1, 255]),
        userProperties: { trace: ['one', 'two'], 姓名: '王' },
      },
    });
    const { properties } = (await subscriber.next()).packet;
    assert.equal(properties?.payloadFormatIndicator, true);
    assert.equal(properties?.contentType, 'application/json');
    assert.equal(properties?.responseTopic, 'answer/here');
    assert.deepEqual([...(properties?.correlationData ?? [])], [0, 1, 255]);
    assert.deepEqual({ ...properties?.userProperties }, { trace: ['one', 'two'], 姓名: '王' });
    assert.equal(properties?.subscriptionIdentifier, 77);
    const expiry = properties?.messageExpiryInterval ?? 0;
    assert.ok(expiry > 900 && expiry <= 1_000, `${expiry}`);
    await Promise.all([publisher.close(), subscriber.close()]);
  });

  test(`${transport}: topic aliases work both ways`, async () => {
    const topic = unique('a/topic/long/enough/to/be/worth/an/alias');
    const [publisher, subscriber] = [
      await open({ autoAssignTopicAlias: true }),
      await open({ properties: { topicAliasMaximum: 5 } }),
    ];
    assert.ok((publisher.connack.properties?.topicAliasMaximum ?? 0) > 0);
    await subscriber.client.subscribeAsync(topic, { qos: 1 });
    const sent: IPublishPacket[] = [];
    publisher.client.on('packetsend', (packet) => {
      if (packet.cmd === 'publish') sent.push({ ...packet });
    });
    const received: string[] = [];
    for (let i = 0; i < 5; i++) {
      await publisher.publish(topic, `${i}`, { qos: 1 });
      const message = await subscriber.next();
      received.push(`${message.topic} ${message.text} ${message.packet.properties?.topicAlias !== undefined}`);
    }
    // The client did not repeat the topic, and the broker used an alias of its own towards the subscriber.
    assert.deepEqual(
      sent.map((packet) => packet.topic === ''),
      [false, true, true, true, true],
    );
    assert.deepEqual(
      received,
      [0, 1, 2, 3, 4].map((i) => `${topic} ${i} true`),
    );
    await Promise.all([publisher.close(), subscriber.close()]);
  });

  test(`${transport}: a request finds its response`, async () => {
    const [asked, answered] = [unique('asked'), unique('answered')];
    const [asking, answering] = [await open(), await open()];
    await answering.client.subscribeAsync(asked, { qos: 1 });
    await asking.client.subscribeAsync(answered, { qos: 1 });
    await asking.publish(asked, '6 × 7', {
      qos: 1,
      properties: { responseTopic: answered, correlationData: Buffer.from('q1') },
    });
    const { packet } = await answering.next();
    await answering.publish(packet.properties?.responseTopic ?? '', '42', {
      qos: 1,
      properties: { correlationData: packet.properties?.correlationData as Buffer },
    });
    const answer = await asking.next();
    assert.deepEqual([answer.text, answer.packet.properties?.correlationData?.toString()], ['42', 'q1']);
    await Promise.all([asking.close(), answering.close()]);
  });
}

const open = (options = {}) => Peer.open(broker, 'tcp', 5, options);

test('no local, retain as published and retain handling do what they say', async () => {
  const topic = unique('options');
  const [self, other] = [await open(), await open()];
  await self.client.subscribeAsync(topic, { qos: 1, nl: true });
  await self.publish(topic, 'own', { qos: 1, retain: true });
  assert.deepEqual(await self.allUntilNow(other), []);

  await other.client.subscribeAsync(topic, { qos: 1, rh: 2, rap: true });
  assert.deepEqual(await other.allUntilNow(self), []);
  await self.publish(topic, 'kept flag', { qos: 1, retain: true });
  assert.equal((await other.next()).packet.retain, true);
  await other.client.subscribeAsync(topic, { qos: 1, rh: 1 });
  assert.deepEqual(await other.allUntilNow(self), []);
  await other.client.subscribeAsync(topic, { qos: 1, rh: 0 });
  assert.equal((await other.next()).text, 'kept flag');
  await Promise.all([self.close(), other.close()]);
});

test('a will has its delay, within which a return cancels it, and its properties', async () => {
  const [topic, clientId] = [unique('will'), unique('returns')];
  const watcher = await open();
  await watcher.client.subscribeAsync(topic, { qos: 1 });
  const withWill = (text: string, willDelayInterval: number) =>
    open({
      clientId,
      clean: false,
      properties: { sessionExpiryInterval: 600 },
      will: {
        topic,
        payload: Buffer.from(text),
        qos: 1,
        retain: false,
        properties: { willDelayInterval, contentType: 'text/plain', userProperties: { why: 'broken' } },
      },
    });
  await (await withWill('cancelled', 120)).drop();
  const returned = await withWill('gone', 1);
  await returned.drop();
  const { text, packet } = await watcher.next();
  assert.deepEqual([text, packet.properties?.contentType], ['gone', 'text/plain']);
  assert.deepEqual({ ...packet.properties?.userProperties }, { why: 'broken' });
  assert.deepEqual(await watcher.allUntilNow(watcher), []);
  await watcher.close();
});

test('a message of a session expires while nobody comes for it', async () => {
  const [topic, clientId] = [unique('expires'), unique('late')];
  const persistent = () => open({ clientId, clean: false, properties: { sessionExpiryInterval: 600 } });
  const first = await persistent();
  await first.client.subscribeAsync(topic, { qos: 1 });
  await first.close();
  const publisher = await open();
  await publisher.publish(topic, 'short', { qos: 1, properties: { messageExpiryInterval: 1 } });
  await publisher.publish(topic, 'long', { qos: 1, properties: { messageExpiryInterval: 600 } });
  await new Promise((resolve) => setTimeout(resolve, 2_100)); // expiry is about real time
  const second = await persistent();
  const { text, packet } = await second.next();
  assert.equal(text, 'long');
  assert.ok((packet.properties?.messageExpiryInterval ?? 600) < 600);
  await Promise.all([publisher.close(), second.close()]);
});

test('the broker assigns a client id and says what it can do', async () => {
  const peer = await open({ clientId: '', clean: true });
  assert.ok((peer.connack.properties?.assignedClientIdentifier ?? '').length > 0);
  assert.equal(peer.connack.reasonCode, 0);
  await peer.close();
});

test('a small Receive Maximum and a small packet size are respected', async () => {
  const topic = unique('flow');
  const [publisher, subscriber] = [
    await open(),
    await open({ properties: { receiveMaximum: 1, maximumPacketSize: 1_000 } }),
  ];
  await subscriber.client.subscribeAsync(topic, { qos: 2 });
  await publisher.publish(topic, Buffer.alloc(2_000), { qos: 1 });
  await Promise.all(Array.from({ length: 20 }, (_, i) => publisher.publish(topic, `${i}`, { qos: 2 })));
  const got = [];
  for (let i = 0; i < 20; i++) got.push((await subscriber.next()).text);
  assert.deepEqual(
    got,
    Array.from({ length: 20 }, (_, i) => `${i}`),
  );
  await Promise.all([publisher.close(), subscriber.close()]);
});

for (const publishing of versions)
  for (const transport of transports)
    test(`both versions meet on one topic: published in ${publishing === 5 ? '5.0' : '3.1.1'}, subscribed over ${transport}`, async () => {
      const topic = unique('both');
      const publisher = await Peer.open(broker, 'tcp', publishing);
      const subscribers = await Promise.all(versions.map((version) => Peer.open(broker, transport, version)));
      for (const subscriber of subscribers) await subscriber.client.subscribeAsync(topic, { qos: 2 });
      const properties = publishing === 5 ? { properties: { contentType: 'text/plain' } } : {};
      await publisher.publish(topic, '同一个', { qos: 2, ...properties });
      for (const subscriber of subscribers) {
        const { text, packet } = await subscriber.next();
        assert.deepEqual([text, packet.qos], ['同一个', 2]);
      }
      await Promise.all([publisher, ...subscribers].map((peer) => peer.close()));
    });
