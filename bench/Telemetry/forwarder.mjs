// What users would otherwise build: MQTT in, JSON, batches of 5,000 lines or one second, InfluxDB out. mqtt.js is the one of tests/interop.
// It acknowledges what it has in memory; the hub acknowledges what is on disk.
import { createRequire } from 'node:module';
import { Agent, request } from 'node:http';

const [brokerPort, influxUrl] = process.argv.slice(2);
const mqtt = createRequire(new URL('../../tests/interop/package.json', import.meta.url))('mqtt');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const target = new URL(`${influxUrl}/write?db=node&precision=ms`);
let lines = [];
let sending = Promise.resolve();

function flush() {
  if (lines.length === 0) return;
  const body = lines.join('\n');
  lines = [];
  sending = sending.then(
    () =>
      new Promise((resolve, reject) => {
        const post = request(target, { method: 'POST', agent }, (answer) => {
          answer.resume();
          answer.on('end', resolve);
        });
        post.on('error', reject);
        post.end(body);
      }),
  );
}

setInterval(flush, 1000);
const client = mqtt.connect(`mqtt://127.0.0.1:${brokerPort}`, { clientId: 'forwarder', clean: true });
client.on('connect', () => client.subscribe('care/v1/+/reading', { qos: 1 }, () => console.log('ready')));
client.on('message', (topic, payload) => {
  const device = topic.split('/')[2];
  const { at, values } = JSON.parse(payload);
  const time = Date.parse(at);
  for (const [name, value] of Object.entries(values)) lines.push(`readings,device=${device},name=${name} value=${value} ${time}`);
  if (lines.length >= 5000) flush();
});
