import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BurstSeconds, ofLength, soundsOf } from './sound-probe.ts';
import { eventually, letPass, withBrowser } from './story.ts';

const browser = withBrowser();

test('B1: before the shift a bar says that this console is mute, and the hub knows', async () => {
  const { hub, page } = await browser.open();
  await page.getByText('尚未开始值班').waitFor();
  await eventually('ReportAudio', () => hub.callsOf('ReportAudio').length > 0);
  assert.deepEqual(hub.callsOf('ReportAudio').at(-1), [{ ok: false, confirmed: false }]);
  await page.getByRole('button', { name: '开始值班' }).click();
  await page.getByText('听到了吗').waitFor();
  await eventually(
    'one test burst',
    async () => ofLength((await soundsOf(page)).sounds, BurstSeconds.high).length === 1,
  );
  await page.getByRole('button', { name: '听到了', exact: true }).click();
  await eventually(
    'confirmed',
    () => JSON.stringify(hub.callsOf('ReportAudio').at(-1)) === '[{"ok":true,"confirmed":true}]',
  );
  assert.equal(await page.locator('.bar').count(), 0);
  assert.equal(await page.evaluate(() => window.audioContexts.length), 1);
  const locks = await page.evaluate(async () => (await navigator.locks.query()).held?.map(({ name }) => name));
  assert.deepEqual(locks, ['carehub-shift']);
});

test('B1: "I heard nothing" is told to the hub and stays visible', async () => {
  const { hub, page } = await browser.open();
  await page.getByRole('button', { name: '开始值班' }).click();
  await page.getByRole('button', { name: '没听到' }).click();
  await page.getByText('您报告没有听到声音').waitFor();
  await eventually(
    'report',
    () => JSON.stringify(hub.callsOf('ReportAudio').at(-1)) === '[{"ok":false,"confirmed":false}]',
  );
});

test('A1, B4: a critical alarm sounds within a second, and 90 s of it are on the audio clock', async () => {
  const story = await browser.open();
  const { hub, page } = story;
  await story.startShift();
  const { now } = await soundsOf(page);
  hub.raise('button');
  await eventually(
    'a critical burst',
    async () => ofLength((await soundsOf(page)).sounds, BurstSeconds.critical).length > 0,
    1_000,
  );
  const { sounds } = await soundsOf(page);
  const critical = ofLength(sounds, BurstSeconds.critical);
  assert.ok((critical[0]?.at ?? 99) - now < 1, 'starts within a second');
  assert.ok((critical.at(-1)?.at ?? 0) - now > 90, 'reaches 90 s ahead');
});

test('A1: a second critical alarm sounds within a second while the first one sounds', async () => {
  const story = await browser.open();
  const { hub, page, row } = story;
  await story.startShift();
  hub.raise('button');
  await row('a-1').waitFor();
  await letPass(1_500);
  const { now } = await soundsOf(page);
  hub.raise('smoke');
  await row('a-2').waitFor();
  await eventually('a new start', async () =>
    ofLength((await soundsOf(page)).sounds, BurstSeconds.critical).some(({ at }) => at > now && at < now + 1),
  );
});

test('A2: only the highest priority plays', async () => {
  const story = await browser.open();
  const { hub, page, row } = story;
  await story.startShift();
  hub.raise('inactivity');
  hub.raise('button');
  hub.raise('battery');
  await row('a-3').waitFor();
  await letPass(300);
  const { now, sounds } = await soundsOf(page);
  const ahead = sounds.filter(({ at }) => at > now);
  assert.ok(ahead.length > 5);
  assert.equal(ofLength(ahead, BurstSeconds.critical).length, ahead.length);
});

test('the sound stops on acknowledge', async () => {
  const story = await browser.open();
  const { hub, page, row } = story;
  await story.startShift();
  hub.raise('button');
  await story.openCard('a-1');
  await page.keyboard.press('a');
  await row('a-1').getByText('已确认').waitFor();
  await eventually('nothing is planned but the watch over the hub', async () => {
    const { now, sounds } = await soundsOf(page);
    return ofLength(sounds, BurstSeconds.critical).every(({ at }) => at < now);
  });
});

test('A6: silence has a countdown, is recorded, spares new alarms, and changes no owner', async () => {
  const story = await browser.open();
  const { hub, page, row } = story;
  await story.startShift();
  hub.raise('button');
  await story.openCard('a-1');
  await page.keyboard.press('s');
  await page.getByText(/静音中：还有 1[12]\d 秒/).waitFor();
  await eventually('recorded', () => hub.requests.some(({ path }) => path === '/api/v1/silences'));
  assert.deepEqual(hub.requests.find(({ path }) => path === '/api/v1/silences')?.body, {
    alarmIds: ['a-1'],
    seconds: 120,
  });
  const quiet = await soundsOf(page);
  const back = ofLength(quiet.sounds, BurstSeconds.critical).find(({ at }) => at > quiet.now);
  const returnsInS = (back?.at ?? 0) - quiet.now;
  assert.ok(returnsInS > 115 && returnsInS <= 120.1, `sounds again in ${returnsInS} s`);
  const { now } = await soundsOf(page);
  hub.raise('smoke');
  await eventually(
    'the new alarm sounds',
    async () =>
      ofLength((await soundsOf(page)).sounds, BurstSeconds.critical).some(({ at }) => at > now && at < now + 1),
    1_000,
  );
  await row('a-1').getByText('未认领').waitFor();
});

test('B2: a context that stops shows a bar within 6 s and tells the hub', async () => {
  const story = await browser.open();
  const { hub, page } = story;
  await story.startShift();
  const stopped = Date.now();
  await page.evaluate(async () => {
    const context = window.audioContexts[0];
    if (!context) return;
    context.resume = () => Promise.reject(new Error('refused'));
    await context.suspend();
  });
  await page.getByText('声音已停止').waitFor({ timeout: 6_000 });
  assert.ok(Date.now() - stopped < 6_000);
  assert.equal((await page.locator('.bar.alert').boundingBox())?.width, 1920);
  await eventually(
    'told',
    () => JSON.stringify(hub.callsOf('ReportAudio').at(-1)) === '[{"ok":false,"confirmed":false}]',
  );
});

test('B3: another output device is tested anew', async () => {
  const story = await browser.open();
  const { hub, page } = story;
  await story.startShift();
  await page.evaluate(() => navigator.mediaDevices.dispatchEvent(new Event('devicechange')));
  await page.getByText('听到了吗').waitFor();
  await eventually(
    'told',
    () => JSON.stringify(hub.callsOf('ReportAudio').at(-1)) === '[{"ok":true,"confirmed":false}]',
  );
});
