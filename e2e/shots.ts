/**
 * `npm run shots`: pictures of every page from the real lab, whole and broken, dark and light, 1440 and 390 px wide, in
 * `.lab/shots/`. With `--readme` the few that the README shows are written to `e2e/shots/` too. `--url URL` takes pictures
 * of a Trellis that runs already, as it is.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright';
import { parse, stringify } from 'yaml';
import { runCommand, step } from '#lab/commands/progress.ts';
import { requireFreePort, startTrellis } from '#lab/commands/trellis.ts';
import { childEnvironment, markOf, ownIdentity, ROOT } from '#lab/commands/workspace.ts';
import { openLab } from '#lab/control.ts';
import { PAGES, routes, workerRoute } from '#lib/routes.ts';
import { CHROMIUM } from './chromium.ts';

const PORT = 3210;
const START_LIMIT_MS = 60_000;
const SETTLE_LIMIT_MS = 30_000;
const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;
const THEMES = ['dark', 'light'] as const;
/** The lab's one queue, for the detail of a queue. */
const QUEUE = '/broker?select=queues%2F%2F%3Acelery';
const README = [
  'estate-whole-dark-wide',
  'estate-broken-dark-wide',
  'estate-whole-light-wide',
  'broker-broken-dark-wide',
];

const VIEWS: readonly { name: string; path: string }[] = [
  ...PAGES.map(({ href }) => ({ name: href === '/' ? 'estate' : href.slice(1), path: href })),
  { name: 'queue', path: QUEUE },
  { name: 'drill-plan', path: '/drills/redis-switch' },
  { name: 'task-failures', path: routes.taskFailures },
  { name: 'worker', path: workerRoute('celery@host-1').pathname },
  { name: 'worker-tasks', path: `${workerRoute('celery@host-1').pathname}?tab=tasks` },
];

async function shoot(browser: Browser, url: string, state: string, out: string, only: string): Promise<void> {
  for (const colorScheme of THEMES) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      const options: BrowserContextOptions = { colorScheme, viewport, reducedMotion: 'reduce', timezoneId: 'UTC' };
      const context = await browser.newContext(options);
      const page = await context.newPage();
      for (const { name, path } of VIEWS.filter((view) => view.name.includes(only))) {
        await page.goto(`${url}${path}`);
        await settled(page);
        await page.screenshot({
          path: join(out, `${name}-${state}-${colorScheme}-${size}.png`),
          fullPage: size === 'phone',
        });
      }
      await context.close();
    }
  }
}

/** Live, drawn, and the chart there where the page has one. */
async function settled(page: Page): Promise<void> {
  await page.locator('[data-stream=live]').waitFor({ timeout: SETTLE_LIMIT_MS });
  await page.waitForFunction(() => document.querySelector('[aria-busy]') === null, null, { timeout: SETTLE_LIMIT_MS });
  if ((await page.locator('#throughput').count()) > 0) {
    await page.locator('#throughput svg').first().waitFor({ timeout: SETTLE_LIMIT_MS });
    await page.locator('#throughput', { hasNotText: 'The first points' }).waitFor({ timeout: SETTLE_LIMIT_MS });
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { url: { type: 'string' }, only: { type: 'string', default: '' }, readme: { type: 'boolean' } },
  });
  const lab = openLab();
  const out = join(lab.paths.root, 'shots');
  mkdirSync(out, { recursive: true });
  const browser = await chromium.launch(CHROMIUM);
  try {
    if (values.url === undefined) await ofTheLab(browser, out, values.only);
    else await shoot(browser, values.url, 'now', out, values.only);
  } finally {
    await browser.close();
  }
  if (values.readme) {
    const kept = join(ROOT, 'e2e', 'shots');
    mkdirSync(kept, { recursive: true });
    for (const name of README) copyFileSync(join(out, `${name}.png`), join(kept, `${name}.png`));
  }
  process.stdout.write(`${out}\n`);
}

async function ofTheLab(browser: Browser, out: string, only: string): Promise<void> {
  const lab = openLab();
  await requireFreePort(PORT);
  await step('the lab is whole', () => lab.up());
  const file = join(lab.paths.root, 'shots.yaml');
  const yaml = parse(readFileSync(lab.paths.trellisYaml, 'utf8')) as Record<string, unknown>;
  const own = { listen: `127.0.0.1:${PORT}`, dataDir: join(lab.paths.root, 'shots-data') };
  writeFileSync(file, stringify({ ...yaml, ...own }));
  const url = `http://${own.listen}`;
  const trellis = await startTrellis([process.execPath, 'server/cli/start.ts', '--config', file], {
    ...{ cwd: ROOT, env: childEnvironment(ROOT, markOf('shots', ROOT, ownIdentity())), url },
    ...{ onLine: () => undefined, limitMs: START_LIMIT_MS, signal: new AbortController().signal },
  });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await step('the page shows it', () => page.locator('[data-verdict=ok]').waitFor({ timeout: 120_000 }));
    await step('pictures of the whole estate', () => shoot(browser, url, 'whole', out, only));
    await step('a broker node killed, a Sentinel and a Redis node hung', async () => {
      await lab.kill('host-2/rabbitmq');
      await lab.pause('host-3/sentinel');
      await lab.pause('host-3/redis');
      await page.locator('article[data-status=down]').first().waitFor({ timeout: SETTLE_LIMIT_MS });
      await page
        .locator('article[data-entity^=sentinels]:not([data-status=ok])')
        .first()
        .waitFor({ timeout: SETTLE_LIMIT_MS });
    });
    await step('pictures of the broken estate', () => shoot(browser, url, 'broken', out, only));
  } finally {
    await trellis.stop();
    await step('the lab is whole again', () => lab.up());
  }
}

await runCommand(main);
