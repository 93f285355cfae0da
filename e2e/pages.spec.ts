/** What holds on every page: nothing overflows, no console error, WCAG AA, the picture in the first window. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from 'playwright/test';
import { PAGES, routes, workerRoute } from '#lib/routes.ts';
import { test } from './lab-test.ts';

const QUEUE = '/broker?select=queues%2F%2F%3Acelery';
const PATHS = [
  ...PAGES.map(({ href }) => href),
  QUEUE,
  '/drills/redis-switch',
  routes.taskFailures,
  workerRoute('celery@host-1').pathname,
  ...['queues', 'tasks', 'limits'].map((tab) => `${workerRoute('celery@host-1').pathname}?tab=${tab}`),
  '/?view=table',
  '/timeline?code=QueueLeader',
];

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.locator('[data-stream=live]')).toBeVisible();
  await expect(page.locator('[aria-busy]')).toHaveCount(0);
}

/** Elements whose own text is wider than they are, and that neither cut it off nor scroll. */
function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('body *')].flatMap((element) => {
      const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
      const { display, overflowX, position } = getComputedStyle(element);
      if (
        element.closest('.sr-only') !== null ||
        !hasText ||
        display === 'inline' ||
        overflowX !== 'visible' ||
        position === 'absolute'
      )
        return [];
      return element.scrollWidth > element.clientWidth + 1 ? [element.outerHTML.slice(0, 200)] : [];
    }),
  );
}

/** All of them, one after the other. */
const VIEW_MS = 240_000;
/** Every page once on a desktop and once on a phone. What WCAG asks besides of colours is the same in both schemes. */
const VIEWS = [
  { width: 1440, colorScheme: 'dark', rules: (axe: AxeBuilder) => axe.withTags(['wcag2a', 'wcag2aa', 'wcag21aa']) },
  { width: 390, colorScheme: 'light', rules: (axe: AxeBuilder) => axe.withRules(['color-contrast']) },
] as const;

for (const { width, colorScheme, rules } of VIEWS) {
  test(`at ${width} px in ${colorScheme} no page overflows, has an error on its console, or fails WCAG AA`, async ({
    lab,
    page,
    pageErrors,
  }) => {
    test.setTimeout(VIEW_MS);
    expect((await lab.status()).whole).toBe(true);
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    for (const path of PATHS) {
      await open(page, path);
      expect(await overflowing(page), path).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
      const { violations } = await rules(new AxeBuilder({ page })).analyze();
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
      expect(found, path).toEqual([]);
    }
    expect(pageErrors).toEqual([]);
  });
}

test('at 1440×900 verdict, masters, leaders, beat holder and throughput are seen without scrolling', async ({
  page,
  estate,
}) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await estate.showsWhole();
  const seen = [
    page.locator('[data-verdict=ok]'),
    page.locator('[data-layer=results] article', { hasText: '★ master' }),
    page.locator('[data-layer=broker] article', { hasText: '★ leads' }).first(),
    page.locator('[data-layer=coordinator] article', { hasText: '★ leader' }),
    page.locator('[data-layer=beat] article', { hasText: '★ holds lock' }),
    page.locator('#throughput svg').first(),
  ];
  for (const locator of seen) await expect(locator).toBeInViewport({ ratio: 0.95 });
});
