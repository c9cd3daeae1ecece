import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BurstSeconds, ofLength, soundsOf } from './sound-probe.ts';
import { eventually, withBrowser } from './story.ts';

const browser = withBrowser();

test('C1, C4: a hub that falls silent is shown after 3 s, loud after 15 s, with a tone and the procedure after 30 s', async () => {
  const story = await browser.open({ prepare: (hub) => hub.raise('inactivity', { state: 'acknowledged' }) });
  const { hub, page } = story;
  await story.startShift();
  const since = Date.now();
  hub.mute = true;
  await page.getByText(/数据已 \d+ 秒未更新/).waitFor({ timeout: 5_500 });
  assert.ok(Date.now() - since > 2_000);
  assert.equal(await page.locator('.queue.hatched').count(), 0);
  await page.locator('.queue.hatched').waitFor({ timeout: 14_000 });
  await page.getByText(/数据已中断 \d+ 秒/).waitFor();
  await page.getByText('应急处置').waitFor({ timeout: 18_000 });
  const elapsedS = (Date.now() - since) / 1000;
  assert.ok(elapsedS > 28 && elapsedS < 33, `after ${elapsedS} s`);
  await eventually('the local tone', async () => {
    const { now, sounds } = await soundsOf(page);
    return ofLength(sounds, BurstSeconds.lost).some(({ at }) => at <= now + 0.5 && at > now - 3);
  });
  hub.mute = false;
  await page.getByText('数据实时').waitFor({ timeout: 20_000 });
  assert.equal(await page.locator('.queue.hatched').count(), 0);
});

test('C2: the first connection is tried until it comes', async () => {
  const { page, context, hub } = await browser.open();
  await page.close();
  const again = await context.newPage();
  let refusals = 0;
  await again.route('**/hubs/**', (route) => {
    refusals++;
    return route.abort();
  });
  await again.goto(hub.url);
  await eventually('three attempts', () => refusals >= 3, 10_000);
  await again.unroute('**/hubs/**');
  hub.raise('button');
  await again.locator('.row').waitFor({ timeout: 10_000 });
});

test('C3: a lost delta is fetched, and counts that do not match are put right', async () => {
  const { hub, row } = await browser.open();
  hub.loseNextDelta = true;
  const lost = hub.raise('inactivity');
  await row(lost.id).waitFor({ timeout: 3_000 });
  const asked = hub.callsOf('Subscribe').length;
  hub.countError = 1;
  await eventually('a resync', () => hub.callsOf('Subscribe').length > asked, 3_000);
});

test('C5: a workstation clock that is 10 minutes wrong changes nothing', async () => {
  const { hub, page, row } = await browser.open({
    init: () => {
      const Real = Date;
      window.Date = class extends Real {
        constructor(...args: unknown[]) {
          if (args.length === 0) super(Real.now() + 600_000);
          else super(...(args as [number]));
        }
        static override now() {
          return Real.now() + 600_000;
        }
      } as DateConstructor;
    },
  });
  hub.raise('button', {}, 65_000);
  await row('a-1').waitFor();
  const elapsed = (await row('a-1').locator('.headline > .digits').textContent()) ?? '';
  assert.match(elapsed, /^1:0\d$/);
  const shown = (await page.locator('.server-clock time').textContent()) ?? '';
  const [hours = 0, minutes = 0, seconds = 0] = shown.split(':').map(Number);
  const now = new Date();
  const differenceS =
    hours * 3600 + minutes * 60 + seconds - (now.getHours() * 3600 + now.getMinutes() * 60 + now.getSeconds());
  assert.ok(Math.abs(differenceS) <= 2, `${shown} differs by ${differenceS} s`);
});

test('C5: ages follow the hub, also when its clock differs from everybody’s', async () => {
  const { hub, row } = await browser.open({
    prepare: (hub) => {
      hub.clockOffsetMs = -3_600_000;
    },
  });
  hub.raise('button', {}, 2_000);
  await row('a-1').waitFor();
  assert.match((await row('a-1').locator('.headline > .digits').textContent()) ?? '', /^0:0\d$/);
});

test('C6: alarms of an outage are announced once each, and more than five as one group', async () => {
  const story = await browser.open();
  const { hub, page, row } = story;
  await story.startShift();
  await hub.restart(() => {
    hub.raise('inactivity');
    hub.raise('vital');
  });
  await row('a-2').waitFor({ timeout: 15_000 });
  assert.equal(await page.locator('.notice').count(), 2);
  await hub.restart(() => {
    for (let i = 0; i < 7; i++) hub.raise(i < 2 ? 'button' : 'bedExit');
  });
  await page.locator('.notice').getByText('新增 7 条告警：紧急 2、中 5').waitFor({ timeout: 15_000 });
  await eventually(
    'one critical burst for all',
    async () => ofLength((await soundsOf(page)).sounds, BurstSeconds.critical).length > 0,
  );
  const { now, sounds } = await soundsOf(page);
  const begun = ofLength(sounds, BurstSeconds.critical).filter(({ at }) => at <= now + 0.2);
  assert.equal(begun.length, 1);
});

test('a hub that dies and comes back is found again, with what was raised meanwhile', async () => {
  const { hub, page, row } = await browser.open({ prepare: (hub) => hub.raise('button') });
  await row('a-1').waitFor();
  await hub.stop();
  await page.getByText(/数据已 \d+ 秒未更新/).waitFor({ timeout: 6_000 });
  await hub.start(hub.port);
  hub.raise('smoke');
  await row('a-2').waitFor({ timeout: 15_000 });
  await page.getByText('数据实时').waitFor();
});
