import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withBrowser } from './story.ts';

const browser = withBrowser();

test('a wrong password is told in words, and the right one opens the console', async () => {
  const { page, hub, context } = await browser.open();
  await page.getByRole('button', { name: '退出登录' }).click();
  await page.fill('input[name=user]', 'operator');
  await page.fill('input[name=password]', 'wrong');
  await page.click('button[type=submit]');
  await page.getByText('用户名或密码不正确').waitFor();
  await page.fill('input[name=password]', 'demo-password');
  await page.click('button[type=submit]');
  await page.locator('.console').waitFor();
  assert.equal((await page.locator('.operator').textContent())?.trim(), '李强 杭州市');
  const second = await context.newPage();
  await second.goto(hub.url);
  await second.locator('.console').waitFor();
});

test('language and theme are switched without a reload, and remembered', async () => {
  const { page } = await browser.open();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Unclaimed critical' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.getByRole('button', { name: 'Theme: auto' }).click();
  await page.getByRole('button', { name: 'Theme: light' }).click();
  const dark = await ground();
  assert.notEqual(dark, light);
  await page.reload();
  await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
  await page.getByRole('heading', { name: 'Unclaimed critical' }).waitFor();
  assert.equal(await ground(), dark);
});

test('whoever looks after the hub sees what waits for InfluxDB, and why', async () => {
  const { page, hub } = await browser.open({
    user: 'supervisor',
    prepare: ({ telemetry }) => {
      telemetry.spool.bytes = telemetry.spool.bytesMax / 4;
      telemetry.influx = {
        readingsWaiting: 123_456,
        lagSeconds: 754,
        readingsForwarded: 9,
        pointsRejected: 0,
        readingsShed: 0,
        failing: true,
        refused: false,
        lastError: 'Connection refused (influxdb:8086)',
        lastErrorAt: new Date().toISOString(),
        lastRejectedAt: null,
        lastRejectReason: null,
      };
    },
  });
  await page.getByRole('button', { name: '隔离区' }).click();
  const status = page.locator('.telemetry-status');
  await status.getByText('已用 25%，配额 4096 MiB').waitFor();
  await status.getByText('12 分钟，123,456 条等待').waitFor();
  await status.getByText('Connection refused (influxdb:8086)').waitFor();
  await status.getByText('无法写入，数据暂存本机，恢复后补写').waitFor();

  Object.assign(hub.telemetry.influx ?? {}, {
    failing: false,
    readingsWaiting: 0,
    lagSeconds: 0,
    pointsRejected: 7,
    lastRejectedAt: new Date().toISOString(),
    lastRejectReason: 'HTTP 400: partial write: field type conflict',
  });
  await status.getByText('正常写入').waitFor();
  await status.getByText('field type conflict').waitFor();
});

test('the quarantine is for supervisors', async () => {
  const operator = await browser.open();
  assert.equal(await operator.page.getByRole('button', { name: '隔离区' }).count(), 0);
  const { page } = await browser.open({
    user: 'supervisor',
    prepare: (hub) =>
      hub.quarantine.push({
        id: 1,
        at: new Date().toISOString(),
        deviceId: 'btn-1',
        topic: 'care/v1/btn-1/signal',
        reason: 'unknown signal type "bang"',
        offset: 12,
        payload: '<img src=x onerror=alert(1)>',
      }),
  });
  await page.getByRole('button', { name: '隔离区' }).click();
  await page.getByText('unknown signal type "bang"').waitFor();
  assert.equal(await page.locator('.quarantine pre').textContent(), '<img src=x onerror=alert(1)>');
});
