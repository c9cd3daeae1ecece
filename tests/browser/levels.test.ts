/** An alarm is called at the nearest level that has a desk on duty; the desks above see it and wait their turn. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { desk, launch, signIn } from './chromium.ts';
import { Password } from './fake-hub.ts';
import { ApiClient, RealHub } from './real-hub.ts';
import { BurstSeconds, ofLength, recordSound, soundsOf } from './sound-probe.ts';
import { eventually, letPass, startShift, withBrowser } from './story.ts';

const Community = 'lj-ns-wh-c1';
const SiteOfCommunity = 'songhe';
const WithNearerDesk = '先由朝晖社区值班台处理';

/** Whether a burst for a critical alarm has begun after this moment of the audio clock. */
async function hasSounded(page: Page, afterS: number): Promise<boolean> {
  const { now, sounds } = await soundsOf(page);
  return ofLength(sounds, BurstSeconds.critical).some(({ at }) => at > afterS && at <= now);
}

const audioNowS = async (page: Page) => (await soundsOf(page)).now;

describe('a desk in the community and one for the whole city', () => {
  let hub: RealHub;
  let browser: Browser;
  let api: ApiClient;
  let city: Page;
  let community: Page;

  before(async () => {
    hub = await RealHub.start();
    await hub.addOperator('community', Community);
    browser = await launch();
    api = await new ApiClient(hub).signIn('operator');
    city = await openDesk('operator');
  });

  after(async () => {
    await browser?.close();
    await hub?.stop();
  });

  async function openDesk(user: string): Promise<Page> {
    const context = await browser.newContext(desk);
    context.setDefaultTimeout(15_000);
    await context.addInitScript(recordSound);
    const page = await signIn(context, hub.url, user, Password);
    await page.getByText('数据实时').waitFor();
    await startShift(page);
    return page;
  }

  async function press(): Promise<string> {
    const device = hub.take('emergency_button', SiteOfCommunity);
    await hub.signal(device, 'button');
    return (await api.alarmOf(device))[0].id;
  }

  /** Made again when something else has happened to the alarm in the same moment. */
  const acknowledge = (id: string) =>
    eventually('acknowledged', async () => {
      const { version } = await api.get(`/alarms/${id}`);
      return (await api.post(`/alarms/${id}/acknowledge`, { version })).ok;
    });

  const pinned = (page: Page, id: string) => page.locator(`.pinned-zone [data-alarm-id="${id}"]`);

  test('while nobody is on duty nearer, the city’s desk sounds; a nearer one that comes takes it over', async () => {
    const beforeS = await audioNowS(city);
    const id = await press();
    await eventually('the far desk sounds', () => hasSounded(city, beforeS));
    community = await openDesk('community');
    await pinned(city, id).getByText(WithNearerDesk).waitFor();
    await eventually('the near desk sounds', () => hasSounded(community, 0));
    await acknowledge(id);
  });

  test('only the near one sounds; the far one shows it among the urgent, in words, until the next level is called', async () => {
    const [cityS, communityS] = [await audioNowS(city), await audioNowS(community)];
    const id = await press();
    await eventually('the near desk sounds', () => hasSounded(community, communityS));
    await pinned(city, id).getByText(WithNearerDesk).waitFor();
    await letPass(5_000);
    assert.equal(await hasSounded(city, cityS), false);
    assert.equal(await pinned(community, id).getByText(WithNearerDesk).count(), 0);

    await pinned(city, id).getByText('上级值班台').waitFor({ timeout: 40_000 });
    await eventually('the far desk sounds', () => hasSounded(city, cityS), 1_500);
    assert.equal(await pinned(city, id).getByText(WithNearerDesk).count(), 0);
    await acknowledge(id);
  });

  test('when the near one is gone, the far one begins to sound by itself', async () => {
    const id = await press();
    await pinned(city, id).getByText(WithNearerDesk).waitFor();
    const leftS = await audioNowS(city);
    await community.context().close();
    await eventually('the far desk sounds', () => hasSounded(city, leftS), 3_000);
    assert.equal(await pinned(city, id).getByText(WithNearerDesk).count(), 0);
  });
});

describe('a desk that has been told of a nearer one', () => {
  const browser = withBrowser();
  const near = { id: 'hz-gs-1', name: '朝晖社区' };

  test('sounds three seconds after the hub was last heard: nobody vouches for the nearer desk', async () => {
    const story = await browser.open({ prepare: (hub) => hub.putOnDuty(near) });
    const { hub, page, row } = story;
    await story.startShift();
    hub.raise('button');
    await row('a-1').getByText(WithNearerDesk).waitFor();
    await letPass(2_000);
    const silentS = await audioNowS(page);
    assert.equal(await hasSounded(page, 0), false);
    hub.heartbeats = false;
    await eventually('it sounds', () => hasSounded(page, silentS), 4_500);
    await row('a-1').getByText(WithNearerDesk).waitFor({ state: 'detached' });
  });

  test('silences what sounds here, and not what it may have to answer in a moment', async () => {
    const story = await browser.open({ prepare: (hub) => hub.putOnDuty(near) });
    const { hub, page, row } = story;
    await story.startShift();
    hub.raise('button');
    await row('a-1').getByText(WithNearerDesk).waitFor();
    await page.keyboard.press('s');
    await page.getByText('没有正在响的告警。').waitFor();
    const leftS = await audioNowS(page);
    hub.putOnDuty();
    await eventually('it sounds', () => hasSounded(page, leftS), 1_500);
  });
});
