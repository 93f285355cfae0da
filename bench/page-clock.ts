/** A real browser on Trellis's page, which notes with its own clock when its DOM changes. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type LaunchOptions, type Page } from 'playwright';
import { ROOT } from '#lab/commands/workspace.ts';
import { epochMs } from './clock.ts';
import type { PageSight } from './fault.ts';

const LIVE_LIMIT_MS = 30_000;
const SKEW_ROUNDS = 9;

/** How the end-to-end tests start their browser. */
export async function launchOptions(): Promise<LaunchOptions> {
  const config = (await import(pathToFileURL(join(ROOT, 'playwright.config.ts')).href)) as {
    default: { use?: { launchOptions?: LaunchOptions } };
  };
  return config.default.use?.launchOptions ?? {};
}

/** A page that is open. */
export class PageClock {
  readonly #browser: Browser;
  readonly #page: Page;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.#page = page;
  }

  /** Opens Trellis in the browser that the end-to-end tests use. */
  static async open(url: string): Promise<PageClock> {
    const browser = await chromium.launch(await launchOptions());
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
    await page.goto(url);
    await page.locator('[data-stream=live]').first().waitFor({ timeout: LIVE_LIMIT_MS });
    await page.locator('article[data-status=ok]').first().waitFor({ timeout: LIVE_LIMIT_MS });
    return new PageClock(browser, page);
  }

  /** Starts to watch for a sight; what is returned waits for it and says when it was, on this bench's clock. */
  async watch(sight: PageSight, limitMs: number): Promise<() => Promise<number | null>> {
    const aheadMs = await this.#skewMs();
    await this.#page.evaluate(observe, sight);
    const seen = this.#page
      .waitForFunction(() => (window as unknown as { seenAt?: number }).seenAt, undefined, {
        timeout: limitMs,
        polling: 100,
      })
      .then(async (handle) => (await handle.jsonValue()) as number)
      .catch(() => null);
    return async () => {
      const atMs = await seen;
      return atMs === null ? null : atMs - aheadMs;
    };
  }

  close(): Promise<void> {
    return this.#browser.close();
  }

  /** How far the page's clock is ahead of the bench's: from the quickest of some round trips. */
  async #skewMs(): Promise<number> {
    let best = { tripMs: Number.POSITIVE_INFINITY, aheadMs: 0 };
    for (let round = 0; round < SKEW_ROUNDS; round += 1) {
      const sentMs = epochMs();
      const pageMs = await this.#page.evaluate(() => performance.timeOrigin + performance.now());
      const tripMs = epochMs() - sentMs;
      if (tripMs < best.tripMs) best = { tripMs, aheadMs: pageMs - (sentMs + tripMs / 2) };
    }
    return best.aheadMs;
  }
}

/** Runs inside the page: notes the time of the first change of the DOM that shows the sight. */
function observe(sight: PageSight): void {
  const state = window as unknown as { seenAt?: number | undefined };
  state.seenAt = undefined;
  const serving = () =>
    sight.kind === 'serving-changes'
      ? document.querySelector(`article[aria-label="${sight.proxy}"] [data-backend="${sight.backend}"]`)?.textContent
      : null;
  const servedBy = serving();
  const isSeen = (changes: MutationRecord[]): boolean => {
    switch (sight.kind) {
      case 'card-not-ok':
        return document.querySelector(`article[aria-label="${sight.name}"]`)?.getAttribute('data-status') !== 'ok';
      case 'serving-changes':
        return serving() !== servedBy;
      case 'timeline': {
        const line = `li[data-code="${sight.code}"]`;
        const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
        return added.some(
          (node) => node instanceof Element && (node.matches(line) || node.querySelector(line) !== null),
        );
      }
    }
  };
  const observer = new MutationObserver((changes) => {
    if (!isSeen(changes)) return;
    state.seenAt = performance.timeOrigin + performance.now();
    observer.disconnect();
  });
  observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
}
