/** How long a press takes to be on the operator's screen: node --import tsx paint.ts [PRESSES] */

import type mqtt from 'mqtt';
import { desk, launch, signIn } from './chromium.ts';
import { Password } from './fake-hub.ts';
import { type Device, RealHub } from './real-hub.ts';

const presses = Number(process.argv[2] ?? 200);
const WarmUp = 30;
/** A row that is answered stays for ten seconds; the new one stands below them and is to be drawn. */
const PauseMs = 200;

declare global {
  interface Window {
    paintedAt: Record<string, number>;
  }
}

/** Runs in the page: when the frame with an alarm's row had been produced, on the clock that this process uses too. */
function recordPaints(): void {
  window.paintedAt = {};
  const pending = new Set<string>();
  new MutationObserver(() => {
    for (const row of document.querySelectorAll<HTMLElement>('[data-alarm-id]')) {
      const id = row.dataset.alarmId ?? '';
      if (id in window.paintedAt || pending.has(id)) continue;
      pending.add(id);
      // A frame's callbacks run before it is painted; the message is handled behind that.
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          window.paintedAt[id] = performance.timeOrigin + performance.now();
        };
        port2.postMessage(null);
      });
    }
  }).observe(document, { childList: true, subtree: true });
}

/** Runs in the page: the call is answered, as calls are. Of a queue that grows and grows the end is not drawn. */
async function answer(id: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const alarm = await (await fetch(`/api/v1/alarms/${id}`)).json();
    const closed = await fetch(`/api/v1/alarms/${id}/resolve`, {
      method: 'POST',
      headers: { 'X-CareHub': '1', 'Content-Type': 'application/json' },
      body: JSON.stringify({ version: alarm.version, disposition: 'test', note: 'paint' }),
    });
    if (closed.ok) return;
  }
  throw new Error(`${id} could not be closed`);
}

const now = () => performance.timeOrigin + performance.now();
const hub = await RealHub.start();
const browser = await launch();
const context = await browser.newContext(desk);
await context.addInitScript(recordPaints);
const page = await signIn(context, hub.url, 'operator', Password);
await page.getByText('数据实时').waitFor();

const clients = new Map<string, mqtt.MqttClient>();
async function press(device: Device): Promise<{ dueAt: number; acknowledgedAt: number }> {
  let client = clients.get(device.id);
  if (!client) {
    client = await hub.connect(device);
    clients.set(device.id, client);
  }
  const dueAt = now();
  const payload = JSON.stringify({ id: `paint-${device.id}`, type: 'button' });
  await client.publishAsync(`care/v1/${device.id}/signal`, payload, { qos: 1 });
  return { dueAt, acknowledgedAt: now() };
}

// One at a time, and each on a device of its own: a row that is there already is not painted anew.
const devices = hub.devices
  .filter(({ kind }) => kind === 'emergency_button' || kind === 'fall_sensor')
  .slice(0, presses + WarmUp);
const before = new Set(Object.keys(await page.evaluate(() => window.paintedAt)));
const painted: number[] = [];
const acknowledged: number[] = [];
for (const [index, device] of devices.entries()) {
  const { dueAt, acknowledgedAt } = await press(device);
  const id = await page.waitForFunction(
    (known) => Object.keys(window.paintedAt).find((each) => !known.includes(each)),
    [...before],
    { polling: 20 },
  );
  const alarm = String(await id.jsonValue());
  before.add(alarm);
  const at = await page.evaluate((each) => window.paintedAt[each] ?? 0, alarm);
  if (index >= WarmUp) {
    painted.push(at - dueAt);
    acknowledged.push(acknowledgedAt - dueAt);
  }
  await page.evaluate(answer, alarm);
  await new Promise((resolve) => setTimeout(resolve, PauseMs));
}

const show = (name: string, values: number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  const part = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1);
  console.log(`${name}: p50 ${part(0.5)} ms, p95 ${part(0.95)} ms, p99 ${part(0.99)} ms of ${sorted.length}`);
};
show('press → acknowledged', acknowledged);
show('press → painted row', painted);
await Promise.all([...clients.values()].map((client) => client.endAsync(true)));
await browser.close();
await hub.stop();
