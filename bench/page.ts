/**
 * What the page costs the browser: JavaScript on the first load, time until the rack can be read, main-thread time while
 * it is live, layout shift; on the lab under its traffic, and with ten thousand queues beside it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, type CDPSession, chromium } from 'playwright';
import { labContext } from '#lab/context.ts';
import type { Bench } from './bench.ts';
import { waitUntil } from './clock.ts';
import { launchOptions } from './page-clock.ts';
import { declareQueues, deleteQueues, queueName } from './queue-maker.ts';
import { median, type Result, single, worstOf } from './report.ts';
import { bringLabUp, runTrellis, watchStream } from './session.ts';

const LOADS = 5;
const LIVE_MS = 20_000;
const MANY = 10_000;
const SHOWN_LIMIT_MS = 120_000;
const DRAWN_LIMIT_MS = 60_000;
const TARGETS = { kilobytes: 300, usableMs: 1_500, mainThreadMs: 100, shift: 0.02 } as const;
/** Pages that are measured, and what must be there before one can use them. */
const PAGES = [
  { name: 'Estate', path: '/', ready: 'article[data-status=ok]' },
  { name: 'Broker', path: '/broker', ready: '[data-queue]' },
] as const;

type Moved = { shift: number; what: string };
type Loaded = { kilobytes: number; usableMs: number; moved: readonly Moved[] };

/** `npm run bench -- page` */
export const page: Bench = {
  title: 'What the page costs the browser (Chromium without a GPU, on this machine)',
  run: async (context) => {
    const { lab, options, atEnd, say } = context;
    const many = options.queues ?? MANY;
    await bringLabUp(context);
    const own = labContext(lab.paths);
    await deleteQueues(own, 1, many);
    const trellis = await runTrellis(context);
    const live = await watchStream(trellis, context);
    const browser = await chromium.launch(await launchOptions());
    atEnd('browser closed', () => browser.close());

    const results = await measure(browser, trellis.url, 'lab', say);
    atEnd('queues deleted', () => deleteQueues(own, 1, many));
    await declareQueues(own, 1, many, options.mirrored);
    say(`${many} queues declared`);
    const last = `/:${queueName(many)}`;
    const shown = await waitUntil(() => Object.hasOwn(live.model.queues, last), SHOWN_LIMIT_MS);
    if (!shown) throw new Error(`Trellis does not show the queue ${last} within ${SHOWN_LIMIT_MS / 1000} s`);
    return [...results, ...(await measure(browser, trellis.url, `${many} queues`, say))];
  },
};

type Say = (text: string) => void;

async function measure(browser: Browser, url: string, estate: string, say: Say): Promise<Result[]> {
  const results: Result[] = [];
  for (const { name, path, ready } of PAGES) {
    const loads: Loaded[] = [];
    for (let i = 0; i < LOADS; i++) loads.push(await load(browser, `${url}${path}`, ready));
    const at = `${estate}, ${name}:`;
    const usable = loads.map(({ usableMs }) => usableMs);
    for (const { moved } of loads) sayWhatMoved(moved, at, say);
    results.push(
      ...(estate === 'lab'
        ? [single(`${at} JavaScript of the first load`, loads[0]?.kilobytes ?? null, 'kB gz', TARGETS.kilobytes, '§14')]
        : []),
      // Browser, Trellis and the whole lab share the machine's cores: one load of five says more of them than of the page.
      single(`${at} navigation → usable, middle of ${LOADS}`, median(usable), 'ms', TARGETS.usableMs, '§14'),
      worstOf(`${at} navigation → usable, all`, usable, 'ms', null),
      worstOf(
        `${at} layout shift`,
        loads.map(({ moved }) => shiftOf(moved)),
        '',
        TARGETS.shift,
        'none to be seen',
      ),
      single(
        `${at} main thread while live`,
        await liveCost(browser, `${url}${path}`, ready),
        'ms/s',
        TARGETS.mainThreadMs,
        '§14',
      ),
    );
  }
  return results;
}

function shiftOf(moved: readonly Moved[]): number {
  return moved.reduce((sum, { shift }) => sum + shift, 0);
}

/** Where a load moves more than it may, the sum alone does not say what to mend. */
function sayWhatMoved(moved: readonly Moved[], at: string, say: Say): void {
  if (shiftOf(moved) <= TARGETS.shift) return;
  for (const { shift, what } of moved) say(`${at} ${shift.toFixed(4)} moved: ${what}`);
}

/** One load in a fresh profile: nothing cached. */
async function load(browser: Browser, url: string, ready: string): Promise<Loaded> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const tab = await context.newPage();
    await tab.addInitScript(watchPage, ready);
    await tab.goto(url, { waitUntil: 'commit' });
    await tab.waitForFunction(() => (window as unknown as Watched).usableMs !== undefined, undefined, {
      timeout: DRAWN_LIMIT_MS,
    });
    // What the first picture did not wait for (the chart) may still move things.
    await sleep(2_000);
    return await tab.evaluate(() => {
      const scripts = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
      const first = scripts.filter(({ initiatorType, name }) => initiatorType === 'script' || name.endsWith('.js'));
      const { usableMs = 0, moved = [], lazyFrom = 0 } = window as unknown as Watched;
      const early = first.filter(({ startTime }) => startTime < lazyFrom);
      return {
        usableMs,
        moved,
        kilobytes: early.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0) / 1000,
      };
    });
  } finally {
    await context.close();
  }
}

type Watched = { usableMs?: number; moved?: Moved[]; lazyFrom?: number };
/** Not in TypeScript's own list of the browser's types. */
type LayoutShift = PerformanceEntry & {
  value: number;
  sources: readonly { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[];
};

/** Runs in the page before anything of it. What is fetched after the page became usable is not of the first load. */
function watchPage(ready: string): void {
  const watched = window as unknown as Watched;
  const moved: Moved[] = [];
  watched.moved = moved;
  const boxOf = ({ x, y, width, height }: DOMRect) => [x, y, width, height].map(Math.round).join(' ');
  const sourceOf = ({ node, previousRect, currentRect }: LayoutShift['sources'][number]) => {
    const element = node instanceof Element ? node : node?.parentElement;
    const classes = element?.getAttribute('class')?.slice(0, 40) ?? '';
    const text = node?.textContent?.slice(0, 40) ?? '';
    return `${element?.tagName.toLowerCase()}.${classes} “${text}” ${boxOf(previousRect)} → ${boxOf(currentRect)}`;
  };
  // New lines of the timeline push the older ones down: that is the news itself, beside a page that stands still.
  const isNews = ({ node }: LayoutShift['sources'][number]) =>
    (node instanceof Element ? node : node?.parentElement)?.closest('[aria-labelledby=timeline]') != null;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as LayoutShift[])
      if (!entry.sources.every(isNews))
        moved.push({ shift: entry.value, what: entry.sources.map(sourceOf).join('; ') });
  }).observe({ type: 'layout-shift', buffered: true });
  const look = () => {
    if (document.querySelector(ready) === null) return requestAnimationFrame(look);
    watched.usableMs = performance.now();
    watched.lazyFrom = performance.now();
  };
  requestAnimationFrame(look);
}

/** Milliseconds of main-thread work a second while the page is open and live. */
async function liveCost(browser: Browser, url: string, ready: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const tab = await context.newPage();
    await tab.goto(url);
    await tab.locator(ready).first().waitFor({ timeout: DRAWN_LIMIT_MS });
    await sleep(3_000);
    const session = await context.newCDPSession(tab);
    await session.send('Performance.enable');
    const before = await taskSeconds(session);
    const startedMs = performance.now();
    await sleep(LIVE_MS);
    const spent = (await taskSeconds(session)) - before;
    return (spent * 1_000) / ((performance.now() - startedMs) / 1_000);
  } finally {
    await context.close();
  }
}

async function taskSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
}
