import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { FakeHub } from './fake-hub.ts';
import { eventually, withBrowser } from './story.ts';

const browser = withBrowser();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const Minute = 60_000;

/** A press, and a heart that beat faster before it; two hours of silence seven hours ago. */
function prepare(hub: FakeHub): void {
  hub.raise('button', {}, 2 * Minute);
  const now = Date.now();
  hub.readings.lastMs = now - 10_000;
  hub.readings.gap = { fromMs: now - 9 * 60 * Minute, toMs: now - 7 * 60 * Minute };
  hub.readings.troubleMs = now - 12 * Minute;
  hub.readings.events = [
    {
      at: new Date(now - 34 * Minute).toISOString(),
      alarmId: 'e-1',
      deviceId: 'vit-0012',
      kind: 'bed_exit',
      priority: 'medium',
      event: 'raised',
    },
  ];
}

test('the card shows the hour before the alarm, the newest value and its age, and says so in words', async () => {
  const story = await browser.open({ prepare });
  await story.openCard('a-1');
  const card = story.page.locator('.readings');
  await card.locator('.sparkline').first().waitFor();
  const row = card.locator('li').first();
  assert.match((await row.textContent()) ?? '', /心率.*次\/分.*前/s);
  assert.match(
    (await row.locator('svg').getAttribute('aria-label')) ?? '',
    /^心率: 最低 \d+ 次\/分，最高 1\d\d 次\/分，最后/,
  );
  assert.equal(await row.locator('.mark').count(), 2);
  // The device's own battery is not what the operator looks for here.
  assert.equal(await card.getByText('电量').count(), 0);
});

test('a value past its time is called stale, and a silence since then is a gap', async () => {
  const story = await browser.open({
    prepare: (hub) => {
      prepare(hub);
      hub.readings.lastMs = Date.now() - 20 * Minute;
    },
  });
  await story.openCard('a-1');
  const row = story.page.locator('.readings li').first();
  await row.getByText('▲ 已 20 分钟没有新读数').waitFor();
  await row.locator('.gap').first().waitFor();
});

test('the chart: no line across a gap, events marked, ranges, and back', async () => {
  const story = await browser.open({ prepare });
  const { page, hub } = story;
  await story.openCard('a-1');
  await page.locator('.open-trends').click();
  await page.getByRole('heading', { name: '趋势 · 王桂英' }).waitFor();
  const chart = page.locator('.card.trend').first();
  await chart.locator('.line').waitFor();
  const path = (await chart.locator('.line').getAttribute('d')) ?? '';
  assert.equal(path.match(/M/g)?.length, 2, 'one line before the silence and one after it');
  await chart.getByText('无读数').waitFor();
  await chart.getByText('◆ 离床').waitFor();
  for (const [name, perPoint] of [
    ['1 小时', '15 s'],
    ['7 天', '30 min'],
    ['30 天', '1 d'],
  ] as const) {
    await page.getByRole('button', { name, exact: true }).click();
    await chart.getByText(`每点 ${perPoint}`).waitFor();
    assert.ok(hub.readings.answered <= 600);
  }
  await page.getByRole('button', { name: '返回' }).click();
  await page.locator('.detail').waitFor();
});

test('without a mouse and without eyes: the chart is walked by key, and the table has the numbers', async () => {
  const story = await browser.open({ prepare });
  const { page } = story;
  await story.openCard('a-1');
  await page.locator('.open-trends').click();
  const slider = page.locator('.card.trend').first().getByRole('slider');
  assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /最低 .*最高 .*最后/);
  await slider.focus();
  await page.keyboard.press('ArrowLeft');
  const last = await slider.getAttribute('aria-valuetext');
  assert.match(last ?? '', /平均 .* 次\/分 · \d+ – \d+ · \d+ 个读数/);
  await page.keyboard.press('ArrowLeft');
  assert.notEqual(await slider.getAttribute('aria-valuetext'), last);
  await page.keyboard.press('Home');
  assert.equal(await slider.getAttribute('aria-valuenow'), '0');
  await page.getByRole('button', { name: '表格' }).first().click();
  const table = page.locator('.trend-table table');
  await table.waitFor();
  assert.match((await table.locator('caption').textContent()) ?? '', /心率 \(次\/分\)/);
  assert.equal(await table.locator('tbody tr').count(), 200);
  const href = await page.getByRole('link', { name: '导出 CSV' }).first().getAttribute('href');
  assert.match(href ?? '', /^\/api\/v1\/devices\/vit-0012\/readings\.csv\?name=heart_rate&from=/);
});

test('a hub that does not answer is said, and asked again', async () => {
  const story = await browser.open({ prepare });
  const { page } = story;
  await page.route('**/trend?*', (route) => route.abort());
  await story.openCard('a-1');
  await page.locator('.readings .no-curve').getByText('曲线无法载入').first().waitFor();
  await page.locator('.open-trends').click();
  await page.locator('.card.trend [role=alert]').first().waitFor();
  await page.unroute('**/trend?*');
  await page.locator('.card.trend [role=alert] button').first().click();
  await page.locator('.card.trend .line').first().waitFor();
});

test('what a chart cannot draw takes nothing else along', async () => {
  const story = await browser.open({ prepare });
  const { page } = story;
  await page.route('**/trend?*', (route) => route.fulfill({ json: { points: null } }));
  await story.openCard('a-1');
  await page.getByText('这一部分无法显示').waitFor();
  await page.getByRole('heading', { name: '下一步' }).waitFor();
  await page.locator('.row').first().waitFor();

  await page.unroute('**/trend?*');
  await page.locator('.load-failed button').click();
  await page.locator('.readings .sparkline').first().waitFor();
});

test('it passes axe, light and dark, and nothing runs out of a small screen', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const story = await browser.open({
      prepare,
      context: { colorScheme, viewport: { width: 1024, height: 768 }, locale: 'en' },
    });
    const { page } = story;
    await page.goto(`${story.hub.url}#trends/device/vit-0012`);
    await page.locator('.trend-chart .line').first().waitFor();
    await page.evaluate(axe);
    // biome-ignore lint/suspicious/noExplicitAny: axe lives in the page
    const { violations } = await page.evaluate(() => (window as any).axe.run('.trends'));
    assert.deepEqual(
      violations.map(({ id, nodes }: { id: string; nodes: { html: string }[] }) => [id, nodes[0]?.html]),
      [],
    );
    assert.ok(
      await page.evaluate(() => {
        const section = document.querySelector('.trends');
        return section !== null && section.scrollWidth <= section.clientWidth;
      }),
    );
  }
});

test('ten thousand points are drawn and walked without a stutter', async () => {
  const story = await browser.open({ prepare });
  const { page } = story;
  // More than the hub would ever answer.
  await page.route('**/trend?*', async (route) => {
    const url = new URL(route.request().url());
    const [from, to] = [Date.parse(url.searchParams.get('from') ?? ''), Date.parse(url.searchParams.get('to') ?? '')];
    const points = Array.from({ length: 10_000 }, (_, i) => ({
      at: new Date(from + ((to - from) * i) / 10_000).toISOString(),
      min: 60 + (i % 30),
      max: 80 + (i % 30),
      avg: 70 + (i % 30),
      count: 10,
    }));
    const { name } = { name: url.searchParams.get('name') };
    const body = { deviceId: 'vit-0012', name, unit: null, from, to, windowSeconds: 9, points };
    await route.fulfill({ json: { ...body, from: new Date(from).toISOString(), to: new Date(to).toISOString() } });
  });
  await page.goto(`${story.hub.url}#trends/device/vit-0012`);
  const slider = page.getByRole('slider').first();
  await page.locator('.trend-chart .line').first().waitFor();
  await slider.focus();
  await eventually('the keys are answered', async () => {
    await page.keyboard.press('ArrowLeft');
    return /平均/.test((await slider.getAttribute('aria-valuetext')) ?? '');
  });
  // Against frames in which nothing happens: how long a frame takes is the machine's affair. The best of three, for the same reason.
  const frames = await page.evaluate(async () => {
    const chart = document.querySelector('.trend-chart [role=slider]') as HTMLElement;
    const ratios: number[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const took: number[] = [];
      for (const key of ['Shift', 'ArrowLeft']) {
        const begin = performance.now();
        for (let i = 0; i < 20; i++) {
          chart.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
          await new Promise(requestAnimationFrame);
        }
        took.push(performance.now() - begin);
      }
      ratios.push((took[1] ?? 0) / (took[0] ?? 1));
    }
    return Math.min(...ratios);
  });
  assert.ok(frames < 3, `a step takes ${frames.toFixed(1)} frames`);
});
