/** The estate page as a person sees it: cards by name, their status, who leads, who serves. */
import { expect, type Locator, type Page } from 'playwright/test';
import type { Host } from '#lab/layout.ts';

/** How long the screen may take to show what the estate itself needs time for. */
export const LIMITS = {
  /** What Trellis sees directly. */
  seenMs: 10_000,
  /** Sentinel: down-after 2 s, election, promotion, and HAProxy's checks behind it. */
  redisFailoverMs: 30_000,
  /** Consul: a session's TTL of 15-30 s, then 15 s of lock-delay. */
  beatHandoverMs: 75_000,
  /** A RabbitMQ node starts, joins and gets its copies back. */
  wholeMs: 120_000,
} as const;

export class EstatePage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens the page and waits for live data; `stillSamePage` later proves that nothing was reloaded. */
  async open(): Promise<void> {
    await this.page.goto('/');
    await expect(this.page.locator('[data-stream=live]')).toBeVisible();
    await this.page.evaluate(() => document.body.setAttribute('data-opened-once', ''));
  }

  async stillSamePage(): Promise<void> {
    await expect(this.page.locator('body[data-opened-once]')).toHaveCount(1);
  }

  card(name: string): Locator {
    return this.page.getByRole('article', { name, exact: true });
  }

  cards(): Locator {
    return this.page.getByRole('article');
  }

  async shows(name: string, status: string | RegExp, timeout: number = LIMITS.seenMs): Promise<void> {
    await expect(this.card(name)).toHaveAttribute('data-status', status, { timeout });
  }

  /** Every card is ok, and there are as many as the whole lab has. */
  async showsWhole(timeout: number = LIMITS.wholeMs): Promise<void> {
    await expect(this.page.locator('article:not([data-status=ok])')).toHaveCount(0, { timeout });
    await expect(this.cards()).toHaveCount(WHOLE_LAB_CARDS, { timeout });
    await expect(this.queue('celery')).toContainText('3 of 3', { timeout });
  }

  /** The row of a task queue. */
  queue(name: string): Locator {
    return this.page.getByRole('row').filter({ has: this.page.getByRole('rowheader', { name, exact: true }) });
  }

  async leaderOf(queue: string): Promise<string> {
    return (await this.queue(queue).getAttribute('data-leader')) ?? '';
  }

  /** What a proxy's backend sends new connections to, by HAProxy's server name. */
  serving(proxy: string, backend: 'amqp' | 'redis'): Locator {
    return this.card(proxy).locator(`[data-backend=${backend}]`);
  }

  /** The host whose card of this layer bears a mark such as `master` or `leader`. */
  async hostMarked(layer: string, mark: string): Promise<Host> {
    const card = this.page.locator(`[data-layer=${layer}] article`, { hasText: `★ ${mark}` });
    await expect(card).toHaveCount(1, { timeout: LIMITS.beatHandoverMs });
    const host = /host-\d|-\d/.exec((await card.getAttribute('aria-label')) ?? '')?.[0] ?? '';
    return `host-${host.slice(-1)}` as Host;
  }

  timeline(code: string): Locator {
    return this.page.locator(`li[data-code=${code}]`);
  }
}

/** Seven layers on three hosts, and no beat on the third. */
const WHOLE_LAB_CARDS = 7 * 3 - 1;
