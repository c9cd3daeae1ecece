/** Takes the screenshots that are looked at before a release: node --import tsx screenshots.ts FOLDER */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { desk, launch, signIn } from './chromium.ts';
import { FakeHub, Password } from './fake-hub.ts';
import { letPass } from './story.ts';

const folder = process.argv[2];
if (!folder) throw new Error('Usage: npm run screenshots -- FOLDER');
mkdirSync(folder, { recursive: true });

const wangMin = { user: 'wang.min', name: '王敏' };
const hub = new FakeHub();
await hub.start();
populate(hub);
const browser = await launch();

const sizes = [
  { width: 1920, height: 1080 },
  { width: 1280, height: 800 },
  { width: 1024, height: 768 },
];
for (const locale of ['zh-CN', 'en'])
  for (const colorScheme of ['light', 'dark'] as const)
    for (const viewport of sizes) {
      const name = (screen: string) => join(folder, `${screen}-${locale}-${colorScheme}-${viewport.width}.png`);
      const context = await browser.newContext({ ...desk, locale, colorScheme, viewport });
      const entry = await context.newPage();
      await entry.goto(hub.url);
      await entry.waitForSelector('form');
      await entry.screenshot({ path: name('sign-in') });
      await entry.close();
      const page = await signIn(context, hub.url, 'supervisor', Password);
      await page.waitForSelector('.row');
      await page.screenshot({ path: name('console') });
      await page.click('.bar.warn button');
      await page.click('.bar.warn button');
      // A row that has just moved takes no click.
      await letPass(500);
      await page.click('.pinned-zone .row');
      await page.waitForSelector('.timeline');
      await page.screenshot({ path: name('detail') });
      await page.locator('.readings .sparkline').first().waitFor();
      await page.locator('.readings').scrollIntoViewIfNeeded();
      await page.screenshot({ path: name('readings') });
      await page.click('.open-trends');
      await page.locator('.trend-chart .line').first().waitFor();
      await page.locator('.trend-chart [role=slider]').first().focus();
      await page.keyboard.press('ArrowLeft');
      await page.screenshot({ path: name('trends') });
      await page.locator('.trend-tools button').first().click();
      await page.locator('.trend-ranges button').first().click();
      await page.locator('.trend-chart .line').first().waitFor();
      await page.screenshot({ path: name('trends-hour') });
      await page.goBack();
      // A row that has just moved takes no click.
      await letPass(500);
      await page.click('.pinned-zone .row');
      await page.waitForSelector('.timeline');
      await page.keyboard.press('r');
      await page.waitForSelector('dialog[open]');
      await page.screenshot({ path: name('resolve') });
      await page.keyboard.press('Escape');
      await page.click('nav.tabs button:nth-child(2)');
      await page.waitForSelector('table');
      await page.screenshot({ path: name('closed') });
      await page.click('nav.tabs button:nth-child(3)');
      await page.waitForSelector('.quarantine .card');
      await page.screenshot({ path: name('quarantine') });
      await context.close();
    }
await browser.close();
await hub.stop();

function populate(hub: FakeHub): void {
  const minute = 60_000;
  const done = hub.raise('fall', {}, 50 * minute);
  hub.closeFor(done.id, wangMin);
  const test = hub.raise('button', {}, 90 * minute);
  hub.closeFor(test.id, wangMin);
  const near = { id: 'hz-gs-2', name: '朝晖社区' };
  hub.putOnDuty(near);
  hub.raise('button', { count: 3, region: { ...near, path: ['hz', 'hz-gs', near.id] } }, 95_000);
  hub.raise('smoke', {}, 41_000);
  const fall = hub.raise('fall', { state: 'acknowledged', acknowledged: true }, 6 * minute);
  hub.claimFor(fall.id, wangMin);
  hub.raise('inactivity', {}, 4 * minute);
  hub.raise('vital', { state: 'returned_unacknowledged', active: false }, 11 * minute);
  hub.raise('bedExit', { state: 'acknowledged', acknowledged: true }, 19 * minute);
  hub.raise('battery', { state: 'acknowledged', acknowledged: true }, 180 * minute);
  hub.raise('fault', {}, 26 * minute);
  const now = Date.now();
  hub.readings.lastMs = now - 20_000;
  hub.readings.gap = { fromMs: now - 9 * 60 * minute, toMs: now - 7 * 60 * minute };
  hub.readings.troubleMs = now - 12 * minute;
  const event = (kind: string, priority: 'critical' | 'medium', ago: number, word = 'raised') => ({
    at: new Date(now - ago).toISOString(),
    alarmId: `e-${kind}-${ago}`,
    deviceId: 'vit-0012',
    kind,
    priority,
    event: word,
  });
  hub.readings.events = [
    event('bed_exit', 'medium', 14 * 60 * minute),
    event('bed_exit', 'medium', 13.9 * 60 * minute, 'resolved'),
    event('bed_exit', 'medium', 34 * minute),
    event('button', 'critical', 95_000),
  ];
  hub.quarantine.push(
    {
      id: 2,
      at: new Date().toISOString(),
      deviceId: 'btn-0012',
      topic: 'care/v1/btn-0012/signal',
      reason: "'fall-ish' is not a signal type",
      offset: 24,
      payload: '{"id":"01JD3X","type":"fall-ish"}',
    },
    {
      id: 1,
      at: new Date().toISOString(),
      deviceId: 'smk-0101',
      topic: 'care/v1/smk-0101/signal',
      reason: 'The payload ends in the middle of an object',
      offset: 17,
      payload: '{"id":"01JD3Y","t',
    },
  );
}
