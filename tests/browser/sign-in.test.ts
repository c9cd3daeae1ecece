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
