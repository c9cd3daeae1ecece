import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { desk, launch, signIn } from './chromium.ts';
import { Password } from './fake-hub.ts';
import { ApiClient, type Device, RealHub } from './real-hub.ts';
import { eventually, letPass } from './story.ts';

let hub: RealHub;
let browser: Browser;
let operator: Page;
let api: ApiClient;

before(async () => {
  hub = await RealHub.start();
  browser = await launch();
  operator = await openConsole('operator');
  api = await new ApiClient(hub).signIn('operator');
});

after(async () => {
  await browser?.close();
  await hub?.stop();
});

/** Runs in the page: when each alarm's row first stood in the document. */
function recordRows(): void {
  window.rowsShownAt = {};
  new MutationObserver(() => {
    for (const row of document.querySelectorAll<HTMLElement>('[data-alarm-id]'))
      window.rowsShownAt[row.dataset.alarmId ?? ''] ??= Date.now();
  }).observe(document, { childList: true, subtree: true });
}

declare global {
  interface Window {
    rowsShownAt: Record<string, number>;
  }
}

async function openConsole(user: string): Promise<Page> {
  const context = await browser.newContext(desk);
  context.setDefaultTimeout(15_000);
  await context.addInitScript(recordRows);
  const page = await signIn(context, hub.url, user, Password);
  await page.getByText('数据实时').waitFor();
  return page;
}

async function raise(kind: string, type: string): Promise<{ id: string; device: Device }> {
  const device = hub.take(kind);
  await hub.signal(device, type);
  const [alarm] = await api.alarmOf(device);
  return { id: alarm.id, device };
}

/** As an operator does it: a click that the list refused because it had just moved is made again. */
async function openCard(page: Page, id: string): Promise<void> {
  await rowOf(page, id).waitFor();
  await eventually(
    'the card is open',
    async () => {
      await letPass(450);
      await rowOf(page, id).click();
      return page
        .locator('.timeline')
        .getByText('发生告警')
        .waitFor({ timeout: 2_000 })
        .then(
          () => true,
          () => false,
        );
    },
    30_000,
  );
}

const rowOf = (page: Page, id: string) => page.locator(`.queue [data-alarm-id="${id}"]`);

test('a press over MQTT is on the open page within a second of the acknowledgement', async () => {
  // The best of five: the promise is about the way through the hub, not about what else this machine does meanwhile.
  const took: number[] = [];
  for (let press = 0; press < 5; press++) {
    const device = hub.take('emergency_button');
    await hub.signal(device, 'button');
    const acknowledgedAt = Date.now();
    const [alarm] = await api.alarmOf(device);
    await rowOf(operator, alarm.id).waitFor();
    const shownAt = await operator.evaluate((id) => window.rowsShownAt[id] ?? Number.POSITIVE_INFINITY, alarm.id);
    took.push(shownAt - acknowledgedAt);
    assert.match((await rowOf(operator, alarm.id).textContent()) ?? '', /紧急.*求助/);
  }
  assert.ok(Math.min(...took) < 1_000, `${took} ms`);
});

test('the timeline says by whom an alarm was seen, acknowledged, claimed and resolved', async () => {
  const { id } = await raise('emergency_button', 'button');
  await openCard(operator, id);
  await eventually('seen', async () => (await api.get(`/alarms/${id}`)).firstSeenBy?.user === 'operator');
  await operator.keyboard.press('a');
  await rowOf(operator, id).getByText('已确认').waitFor();
  await operator.keyboard.press('c');
  await rowOf(operator, id).getByText('我处理中').waitFor();
  await operator.locator('.note-box textarea').fill('已通话，平安');
  await operator.getByRole('button', { name: '保存备注' }).click();
  await operator.locator('.timeline').getByText('已通话，平安').waitFor();
  await rowOf(operator, id).focus();
  await operator.keyboard.press('r');
  await operator.getByLabel('误报').check();
  await operator.locator('dialog button[type=submit]').click();
  await rowOf(operator, id).getByText('已由您处理').waitFor();
  const { timeline } = await api.get(`/alarms/${id}`);
  const events = timeline.map(({ event }: { event: string }) => event);
  for (const event of ['raised', 'acknowledged', 'claimed', 'note', 'resolved'])
    assert.ok(events.includes(event), event);
});

test('L5: of 50 claims at once one person wins, the others read who and when, and every console shows the winner', async () => {
  const { id } = await raise('smoke_detector', 'smoke');
  await rowOf(operator, id).waitFor();
  const people = ['operator', 'operator2', 'carer', 'supervisor', 'admin'];
  const clients = await Promise.all(people.map((user) => new ApiClient(hub).signIn(user)));
  const claims = await Promise.all(
    Array.from({ length: 50 }, async (_, i) => {
      const response = await clients[i % people.length]?.post(`/alarms/${id}/claim`, { version: 1 });
      return { user: people[i % people.length], status: response?.status, body: await response?.json() };
    }),
  );
  const winners = new Set(claims.filter(({ status }) => status === 200).map(({ user }) => user));
  assert.equal(winners.size, 1);
  const [winner] = winners;
  const losers = claims.filter(({ user }) => user !== winner);
  assert.equal(losers.length, 40);
  for (const { status, body } of losers) {
    assert.deepEqual([status, body.code, body.owner.user], [409, 'already_claimed', winner]);
    assert.ok(Date.parse(body.since) > 0);
  }
  const { timeline, claimedBy } = await api.get(`/alarms/${id}`);
  assert.equal(timeline.filter(({ event }: { event: string }) => event === 'claimed').length, 1);
  await rowOf(operator, id)
    .getByText(winner === 'operator' ? '我处理中' : `${claimedBy.name} 处理中`)
    .waitFor();
});

test('two consoles: each sees that the other is looking', async () => {
  const { id } = await raise('emergency_button', 'button');
  const second = await openConsole('operator2');
  await openCard(second, id);
  await rowOf(operator, id).getByText('正在查看').waitFor();
  await second.context().close();
  await rowOf(operator, id).getByText('正在查看').waitFor({ state: 'detached' });
});

test('what cannot be decoded is in quarantine, with a reason', async () => {
  const supervisor = await openConsole('supervisor');
  await hub.publish(hub.take('emergency_button'), '{"id":"1","type":"bang"}');
  await supervisor.getByRole('button', { name: '隔离区' }).click();
  await supervisor.locator('.quarantine pre').getByText('"bang"').waitFor();
  await supervisor.context().close();
});

test('a supervisor begins a walk test, sees what has come, and ends it', async () => {
  const supervisor = await openConsole('supervisor');
  const device = hub.take('smoke_detector');
  await supervisor.getByRole('button', { name: '设备', exact: true }).click();
  await supervisor.getByRole('searchbox').fill(device.id);
  const row = supervisor.locator('table.devices tbody tr').filter({ hasText: device.id });
  await row.getByRole('button', { name: '步行测试…' }).click();
  await supervisor.getByLabel('原因').fill('安装');
  await supervisor.getByRole('button', { name: '开始', exact: true }).click();
  const quiet = supervisor.locator('.standing-silences li').filter({ hasText: device.id });
  await quiet.getByText('已收到 0 个测试信号').waitFor();
  await hub.signal(device, 'smoke');
  await quiet.getByText('已收到 1 个测试信号').waitFor();

  await quiet.getByRole('button', { name: '结束' }).click();
  await quiet.waitFor({ state: 'detached' });
  await supervisor.context().close();
});

test('an administrator takes a device out of service and gives an installer a code', async () => {
  const admin = await openConsole('admin');
  const device = hub.take('emergency_button');
  await admin.getByRole('button', { name: '设备', exact: true }).click();
  await admin.getByRole('searchbox').fill(device.id);
  const row = admin.locator('table.devices tbody tr').filter({ hasText: device.id });

  await row.getByRole('button', { name: '停用…' }).click();
  await admin.getByLabel('原因（将被记录）').fill('遗失');
  await admin.getByRole('button', { name: '停用设备' }).click();
  await row.getByText('已停用：遗失').waitFor();
  await assert.rejects(hub.signal(device, 'button'));

  await row.getByRole('button', { name: '启用…' }).click();
  await admin.getByLabel('原因（将被记录）').fill('找到');
  await admin.getByRole('button', { name: '启用设备' }).click();
  await row.getByRole('button', { name: '安装码…' }).click();
  await admin.getByLabel('原因（将被记录）').fill('重新安装');
  await admin.getByRole('button', { name: '生成安装码' }).click();
  await admin.locator('.claim-slip img').waitFor();
  const code = await admin.locator('.told-once code').textContent();

  const phone = await browser.newPage();
  await phone.goto(`${hub.url}provision.html#${code}`);
  await phone.getByRole('button').click();
  await phone.locator('section').waitFor();
  const secret = await phone.locator('[data-field=secret]').textContent();
  assert.equal(await phone.locator('[data-field=deviceId]').textContent(), device.id);
  await hub.signal({ ...device, secret: secret ?? '' }, 'button');
  await assert.rejects(hub.signal(device, 'button'));
  await phone.close();

  await admin.getByRole('button', { name: '关闭', exact: true }).click();
  await admin.getByRole('button', { name: '隔离区' }).click();
  await admin.locator('.refusals').getByText('设备已停用').waitFor();
  await admin.context().close();
});

test('kill -9 right after an acknowledged press: the console comes back by itself and shows the alarm, once', async () => {
  const device = hub.take('emergency_button');
  await hub.signal(device, 'button', 'pressed-before-the-crash');
  await hub.kill();
  await operator.getByText(/数据已 \d+ 秒未更新/).waitFor();
  await hub.launch();
  await operator.getByText('数据实时').waitFor({ timeout: 15_000 });
  const alarms = await api.alarmOf(device);
  assert.equal(alarms.length, 1);
  await rowOf(operator, alarms[0].id).waitFor();
  await hub.signal(device, 'button', 'pressed-before-the-crash');
  const again = await api.alarmOf(device);
  assert.equal(again.length, 1);
  assert.equal(await rowOf(operator, alarms[0].id).count(), 1);
});
