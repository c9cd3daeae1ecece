import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Password } from './fake-hub.ts';
import { BurstSeconds, ofLength, soundsOf } from './sound-probe.ts';
import { eventually, letPass, withBrowser } from './story.ts';

const browser = withBrowser();

test('an escalation is on the row, in the card, and sounds anew although the alarm had been silenced', async () => {
  const story = await browser.open();
  const { hub, page, row } = story;
  await story.startShift();
  hub.raise('button');
  await story.openCard('a-1');
  await page.keyboard.press('s');
  await page.getByText(/静音中/).waitFor();
  const at = new Date(hub.nowMs()).toISOString();
  const { now } = await soundsOf(page);
  hub.change('a-1', { escalation: { tier: 2, to: 'next_level', at }, annunciatedAt: at });
  await row('a-1').getByText('已升级 2 级 · 上级值班台').waitFor();
  await page.locator('.incident-header').getByText('已升级 2 级').waitFor();
  await eventually('it sounds', async () =>
    ofLength((await soundsOf(page)).sounds, BurstSeconds.critical).some(({ at }) => at > now && at < now + 2),
  );
});

test('what is silent stands under "silent" with its number always in view, makes no sound and lights the lamp', async () => {
  const story = await browser.open({ prepare: (hub) => hub.raise('inactivity') });
  const { hub, page, row } = story;
  await story.startShift();
  await row('a-1').waitFor();
  hub.change('a-1', {
    state: 'shelved',
    suppression: { kind: 'shelved', cause: 's~1', until: '2026-11-22T14:00:00Z' },
  });
  await page.getByRole('button', { name: '静默 1' }).waitFor();
  await page.locator('.lamp.shield.lit').waitFor();
  await row('a-1').waitFor({ state: 'detached' });
  await letPass(300);
  const { now, sounds } = await soundsOf(page);
  assert.equal(
    ofLength(
      sounds.filter(({ at }) => at > now),
      BurstSeconds.high,
    ).length,
    0,
  );
  await page.getByRole('button', { name: '静默 1' }).click();
  await row('a-1').getByText('已搁置').waitFor();
});

test('whoever signs out is asked to whom all that is held goes, and hands it over at one press', async () => {
  const story = await browser.open({
    prepare: (hub) => {
      hub.raise('button');
      hub.raise('fall');
    },
  });
  const { hub, page, row } = story;
  for (const id of ['a-1', 'a-2']) {
    await story.openCard(id);
    await page.keyboard.press('c');
    await row(id).getByText('我处理中').waitFor();
  }

  await page.getByRole('button', { name: '退出登录' }).click();
  await page.getByText('您还有 2 条告警在处置中').waitFor();
  await page.locator('.people').getByRole('button', { name: /carer/ }).click();
  await page.getByRole('button', { name: '登录' }).waitFor();
  const given = hub.requests.filter(({ path }) => path.endsWith('/hand-over'));
  assert.deepEqual(given.map(({ path, body }) => [path, (body as { to: string }).to]).sort(), [
    ['/api/v1/alarms/a-1/hand-over', 'carer'],
    ['/api/v1/alarms/a-2/hand-over', 'carer'],
  ]);
});

test('the operator sends a carer, and for the carer there is one next step until the end', async () => {
  const desk = await browser.open({ prepare: (hub) => hub.raise('button') });
  await desk.openCard('a-1');
  await desk.page.getByRole('button', { name: '派人…' }).click();
  await desk.page.locator('.people').getByRole('button', { name: /carer/ }).click();
  await desk.row('a-1').getByText('已派出 · 王敏').waitFor();
  assert.deepEqual(desk.hub.requests.find(({ path }) => path.endsWith('/dispatch'))?.body, { version: 1, to: 'carer' });

  const { page } = desk;
  await page.getByRole('button', { name: '退出登录' }).click();
  await page.getByRole('button', { name: '不交接，直接退出' }).click();
  await page.fill('input[name=user]', 'carer');
  await page.fill('input[name=password]', Password);
  await page.click('button[type=submit]');
  await page.waitForSelector('.console');
  await desk.openCard('a-1');
  for (const step of ['接单', '出发', '到达']) await page.locator('.next-step', { hasText: step }).click();
  await page.locator('.next-step', { hasText: '完成' }).click();
  await page.getByLabel('真实告警').check();
  await page.locator('dialog button[type=submit]').click();
  await desk.row('a-1').getByText('已由您处理').waitFor();
});

test('only what is not about a life can be shelved, with a reason', async () => {
  const story = await browser.open({
    prepare: (hub) => {
      hub.raise('button');
      hub.raise('inactivity');
    },
  });
  const { hub, page } = story;
  await story.openCard('a-1');
  assert.equal(await page.getByRole('button', { name: /搁置此设备/ }).count(), 0);
  await story.openCard('a-2');
  await page.getByRole('button', { name: /搁置此设备/ }).click();
  assert.ok(await page.locator('.shelve button[type=submit]').isDisabled());
  await page.locator('.shelve input').fill('老人住院');
  await page.locator('.shelve select').selectOption('120');
  await page.locator('.shelve button[type=submit]').click();
  await eventually('asked', () => hub.requests.some(({ path }) => path === '/api/v1/sites/site-a-2/shelves'));
  assert.deepEqual(hub.requests.find(({ path }) => path.endsWith('/shelves'))?.body, {
    deviceId: 'dev-a-2',
    kind: 'inactivity',
    reason: '老人住院',
    minutes: 120,
  });
});
