import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { tablet } from './chromium.ts';
import type { FakeHub } from './fake-hub.ts';
import { eventually, withBrowser } from './story.ts';

const browser = withBrowser();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

function everything(hub: FakeHub): void {
  for (const seed of ['button', 'smoke', 'inactivity', 'vital', 'bedExit', 'battery', 'fault'] as const)
    hub.raise(seed);
  hub.raise('fall', { state: 'acknowledged', acknowledged: true });
}

async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  // biome-ignore lint/suspicious/noExplicitAny: axe adds itself to the page's global object
  const results = await page.evaluate(() => (globalThis as any).axe.run());
  return results.violations
    .filter(({ impact }: { impact: string }) => impact === 'serious' || impact === 'critical')
    .map(
      (each: { id: string; nodes: { html: string; failureSummary: string }[] }) =>
        `${each.id}: ${each.nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`,
    );
}

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe finds nothing serious on sign-in, console and detail (${colorScheme})`, async () => {
    // Half of the time a flashing marker is dim on purpose; its edge carries the contrast. Reduced motion holds it still.
    const story = await browser.open({
      user: 'supervisor',
      prepare: everything,
      context: { colorScheme, reducedMotion: 'reduce' },
    });
    const { page, row, hub } = story;
    await row('a-1').waitFor();
    assert.deepEqual(await seriousViolations(page), []);
    await story.openCard('a-1');
    await page.getByText('青霉素').waitFor();
    hub.closeFor('a-3', { user: 'wang.min', name: '王敏' });
    await row('a-3').getByText('已由王敏处理').waitFor();
    assert.deepEqual(await seriousViolations(page), []);
    await page.keyboard.press('r');
    await page.locator('dialog[open]').waitFor();
    assert.deepEqual(await seriousViolations(page), []);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: '退出登录' }).click();
    await page.locator('.sign-in').waitFor();
    assert.deepEqual(await seriousViolations(page), []);
  });

test('A3, A4: only markers flash, only of unacknowledged alarms, and all in one phase', async () => {
  const { hub, page, row } = await browser.open({ prepare: (hub) => hub.raise('button') });
  await row('a-1').waitFor();
  for (const seed of ['inactivity', 'smoke', 'bedExit'] as const) {
    const { id } = hub.raise(seed);
    await row(id).waitFor();
  }
  hub.raise('fall', { state: 'acknowledged', acknowledged: true });
  await row('a-5').waitFor();
  const flashes = () =>
    page.evaluate(() =>
      document.getAnimations().map((animation) => {
        const { target } = animation.effect as KeyframeEffect;
        return {
          startTime: Number(animation.startTime),
          durationMs: Number(animation.effect?.getTiming().duration),
          marker: target?.matches('.marker-fill') ?? false,
          alarm: target?.closest<HTMLElement>('[data-alarm-id]')?.dataset.alarmId,
        };
      }),
    );
  await eventually('one phase', async () => (await flashes()).every(({ startTime }) => startTime === 0));
  const all = await flashes();
  assert.ok(all.every(({ marker }) => marker));
  assert.deepEqual([...new Set(all.map(({ alarm }) => alarm))].sort(), ['a-1', 'a-2', 'a-3', 'a-4']);
  assert.deepEqual([...new Set(all.map(({ durationMs }) => durationMs))].sort(), [2000, 500].sort());
});

test('A4: reduced motion gets a steady marker with a thick border, and the word', async () => {
  const { page, row } = await browser.open({
    prepare: (hub) => hub.raise('button'),
    context: { reducedMotion: 'reduce' },
  });
  await row('a-1').getByText('未确认').waitFor();
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  assert.equal(
    await row('a-1')
      .locator('.marker')
      .evaluate((marker) => getComputedStyle(marker).borderTopWidth),
    '3px',
  );
});

test('A5: every priority has its own shape and word', async () => {
  const { page, row } = await browser.open({ prepare: everything });
  await row('a-7').waitFor();
  const shapes = await page
    .locator('.queue .row')
    .evaluateAll((rows) =>
      rows.map(
        (each) =>
          `${each.className.split(' ')[1]} ${each.querySelector('path')?.getAttribute('d')} ${each.querySelector('.kind-word')?.textContent}`,
      ),
    );
  assert.equal(new Set(shapes.map((shape) => shape.split(' ').slice(1, 3).join(' '))).size, 3);
  assert.ok(shapes.every((shape) => shape.trim().split(' ').length >= 3));
});

for (const [name, context] of [
  ['1920 × 1080', {}],
  ['tablet 1280 × 800', tablet],
  ['1024 × 768', { viewport: { width: 1024, height: 768 } }],
] as const)
  for (const locale of ['zh-CN', 'en'])
    test(`${name}, ${locale}: nothing overflows, text is ≥ 16 px, targets are ≥ 48 px, no name is cut`, async () => {
      const story = await browser.open({
        user: 'supervisor',
        prepare: everything,
        context: { ...context, locale },
      });
      const { page } = story;
      await story.openCard('a-1');
      await page.getByText('青霉素').waitFor();
      const faults = await page.evaluate(() => {
        const found: string[] = [];
        const shown = [...document.querySelectorAll<HTMLElement>('body *')].filter(
          (element) => element.checkVisibility() && !element.closest('.visually-hidden'),
        );
        for (const element of shown) {
          const style = getComputedStyle(element);
          const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
          const name = `${element.tagName}.${element.className} "${element.textContent?.slice(0, 30)}"`;
          if (text && parseFloat(style.fontSize) < 16) found.push(`small text: ${name}`);
          if (style.textOverflow === 'ellipsis') found.push(`ellipsis: ${name}`);
          const box = element.getBoundingClientRect();
          if (element.matches('button, a, input:not([type=radio])') && box.height < 47.5)
            found.push(`small target: ${name} ${box.height}`);
          if (
            text &&
            !element.closest('.rows, .incident, .act, .detail') &&
            (box.right > innerWidth + 1 || box.left < -1)
          )
            found.push(`off screen: ${name}`);
        }
        if (document.documentElement.scrollWidth > innerWidth) found.push('the page scrolls sideways');
        for (const panel of document.querySelectorAll('.rows, .incident, .act, .action-bar, .top-bar'))
          if (panel.scrollWidth > panel.clientWidth + 1) found.push(`${panel.className} is wider than its place`);
        return found;
      });
      assert.deepEqual(faults, []);
    });
