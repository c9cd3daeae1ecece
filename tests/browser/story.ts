import { after, before } from 'node:test';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { desk, launch, signIn } from './chromium.ts';
import { FakeHub, Password } from './fake-hub.ts';
import { recordSound } from './sound-probe.ts';

/** One browser for a file of tests; each test gets a hub and a workstation of its own. */
export function withBrowser(): { open(options?: StoryOptions): Promise<Story> } {
  let browser: Browser;
  const opened: Story[] = [];
  before(async () => {
    browser = await launch();
  });
  after(async () => {
    for (const story of opened) await story.close();
    await browser?.close();
  });
  return {
    async open(options = {}) {
      const story = await Story.begin(browser, options);
      opened.push(story);
      return story;
    },
  };
}

interface StoryOptions {
  user?: string;
  context?: BrowserContextOptions;
  /** Runs in the page before the console does. */
  init?: () => void;
  /** What the hub holds when the console connects. */
  prepare?: (hub: FakeHub) => void;
}

/** A console in front of an operator, and the hub behind it. */
export class Story {
  readonly hub: FakeHub;
  readonly context: BrowserContext;
  readonly page: Page;

  private constructor(hub: FakeHub, context: BrowserContext, page: Page) {
    this.hub = hub;
    this.context = context;
    this.page = page;
  }

  static async begin(browser: Browser, options: StoryOptions): Promise<Story> {
    const hub = new FakeHub();
    await hub.start();
    options.prepare?.(hub);
    const context = await browser.newContext({ ...desk, ...options.context });
    context.setDefaultTimeout(6_000);
    await context.addInitScript(recordSound);
    if (options.init) await context.addInitScript(options.init);
    const page = await signIn(context, hub.url, options.user ?? 'operator', Password);
    await page.locator('.state.good').first().waitFor();
    return new Story(hub, context, page);
  }

  row = (id: string) => this.page.locator(`.queue [data-alarm-id="${id}"]`);

  /** Opens an alarm's card with the mouse, once its row has stood still long enough to take a click (L4). */
  async openCard(id: string): Promise<void> {
    await this.row(id).waitFor();
    await letPass(450);
    await this.row(id).click();
    await this.page.locator('.timeline').waitFor();
  }

  focusedId = () => this.page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset?.alarmId ?? null);

  startShift = () => startShift(this.page);

  async close(): Promise<void> {
    await this.context.close();
    await this.hub.stop();
  }
}

export async function startShift(page: Page): Promise<void> {
  await page.click('.bar.warn button');
  await page.getByRole('button', { name: '听到了', exact: true }).click();
}

/** Waits for a fact, and fails with what it is when it does not come true in time. */
export async function eventually(
  what: string,
  check: () => boolean | Promise<boolean>,
  withinMs = 5_000,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Real time that has to pass because a promise is about time itself. */
export const letPass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
