import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, withBrowser } from './story.ts';

const browser = withBrowser();
const wangMin = { user: 'wang.min', name: '王敏' };

const actionsOf = (hub: { requests: { method: string; path: string; body: unknown }[] }) =>
  hub.requests
    .filter(({ method, path }) => method === 'POST' && path.startsWith('/api/v1/alarms/'))
    .map(({ path, body }) => ({ path: path.replace('/api/v1/alarms/', ''), body }));

test('by keyboard alone: down, open, acknowledge, claim, resolve', async () => {
  const { hub, page, row } = await browser.open({ prepare: (hub) => hub.raise('button') });
  await row('a-1').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByText('青霉素').waitFor();
  await page.keyboard.press('a');
  await row('a-1').getByText('已确认').waitFor();
  await page.keyboard.press('c');
  await row('a-1').getByText('我处理中').waitFor();
  await page.keyboard.press('r');
  await page.locator('dialog[open]').waitFor();
  // Letters in the dialog are text: none of these may act.
  await page.locator('dialog textarea').fill('');
  await page.locator('dialog textarea').pressSequentially('ars 已通话，平安');
  await page.getByLabel('误报').check();
  await page.keyboard.press('Tab');
  await page.locator('dialog button[type=submit]').press('Enter');
  await row('a-1').getByText('已由您处理').waitFor();
  assert.deepEqual(actionsOf(hub), [
    { path: 'a-1/acknowledge', body: { version: 1 } },
    { path: 'a-1/claim', body: { version: 2 } },
    { path: 'a-1/resolve', body: { version: 3, disposition: 'false', note: 'ars 已通话，平安' } },
  ]);
  await page.getByRole('button', { name: '已关闭', exact: true }).click();
  await page.locator('table').getByText('误报').waitFor();
});

test('closing needs an outcome', async () => {
  const story = await browser.open({ prepare: (hub) => hub.raise('button') });
  const { page } = story;
  await story.openCard('a-1');
  await page.keyboard.press('r');
  assert.ok(await page.locator('dialog button[type=submit]').isDisabled());
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
});

test('L5: who loses a claim reads within a second who won and when, and may take over with a reason', async () => {
  const story = await browser.open({ prepare: (hub) => hub.raise('button') });
  const { hub, page, row } = story;
  hub.beforeClaim = (alarm) => {
    hub.beforeClaim = null;
    hub.claimFor(alarm.id, wangMin);
  };
  await story.openCard('a-1');
  await page.keyboard.press('c');
  await page.getByText(/未认领成功：王敏 已于 \d\d:\d\d:\d\d 认领/).waitFor({ timeout: 1_000 });
  await row('a-1').getByText('王敏 处理中').waitFor();
  assert.ok(await page.locator('.action-bar').getByRole('button', { name: /^认领/ }).isDisabled());
  await page.getByRole('button', { name: '接管…' }).click();
  assert.ok(await page.locator('dialog button[type=submit]').isDisabled());
  await page.getByLabel('接管原因').fill('王敏已下班');
  await page.locator('dialog button[type=submit]').click();
  await row('a-1').getByText('我处理中').waitFor();
  await page.getByText('王敏已下班').waitFor();
});

test('an action on an alarm that somebody closed meanwhile is refused in words', async () => {
  const story = await browser.open({ prepare: (hub) => hub.raise('button') });
  const { hub, page } = story;
  await story.openCard('a-1');
  await page.keyboard.press('r');
  await page.getByLabel('真实告警').check();
  hub.loseNextDelta = true;
  hub.heartbeats = false;
  hub.closeFor('a-1', wangMin);
  await page.locator('dialog button[type=submit]').click();
  await page.getByText('告警已关闭。').waitFor();
});

test('L7: a draft note survives a reload, and saving it writes the timeline', async () => {
  const story = await browser.open({ prepare: (hub) => hub.raise('button') });
  const { page } = story;
  await story.openCard('a-1');
  await page.locator('.note-box textarea').fill('电话无人接听');
  await page.reload();
  await story.openCard('a-1');
  assert.equal(await page.locator('.note-box textarea').inputValue(), '电话无人接听');
  await page.getByRole('button', { name: '保存备注' }).click();
  await page.locator('.timeline').getByText('电话无人接听').waitFor();
  await eventually('the draft is gone', async () => (await page.locator('.note-box textarea').inputValue()) === '');
});

test('keys can be switched off, and stay off after a reload', async () => {
  const story = await browser.open({ prepare: (hub) => hub.raise('button') });
  const { hub, page, row } = story;
  await story.openCard('a-1');
  await page.getByRole('button', { name: '快捷键：开' }).click();
  await row('a-1').focus();
  await page.keyboard.press('a');
  await page.reload();
  await story.openCard('a-1');
  await page.keyboard.press('c');
  await page.getByRole('button', { name: /^确认/ }).click();
  await row('a-1').getByText('已确认').waitFor();
  assert.deepEqual(
    actionsOf(hub).map(({ path }) => path),
    ['a-1/acknowledge'],
  );
});

test('the action bar names the alarm it acts on, and a new alarm does not change it', async () => {
  const story = await browser.open({ prepare: (hub) => hub.raise('inactivity') });
  const { hub, page, row } = story;
  await story.openCard('a-1');
  hub.raise('smoke');
  await row('a-2').waitFor();
  assert.match((await page.locator('.action-target').textContent()) ?? '', /李德福/);
  await page.keyboard.press('a');
  await row('a-1').getByText('已确认').waitFor();
  await row('a-2').getByText('未确认').waitFor();
});
