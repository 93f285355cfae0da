/** How fast Trellis shows a fault, held against the backend's own first signal in the same run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { labContext } from '#lab/context.ts';
import type { Bench, BenchContext } from './bench.ts';
import { epochMs, waitUntil } from './clock.ts';
import type { Armed, Fault } from './fault.ts';
import { brokerHang, brokerKill } from './faults-broker.ts';
import { consulLeaderKill, lockChange } from './faults-coordinator.ts';
import { proxyDrain } from './faults-proxy.ts';
import { redisMasterKill, sentinelFailover } from './faults-results.ts';
import type { LiveStream, View } from './live-stream.ts';
import { PageClock } from './page-clock.ts';
import { type Result, worstOf } from './report.ts';
import { bringLabUp, runTrellis, waitShownWhole, watchStream } from './session.ts';
import { Store } from './store.ts';

const RUNS = 10;
const FAULTS: readonly Fault[] = [
  brokerKill,
  brokerHang,
  sentinelFailover,
  redisMasterKill,
  proxyDrain,
  lockChange,
  consulLeaderKill,
];
/** Faults must not march in step with anybody's polls. */
const PHASE_MS = 2_000;
const UNSEEN_LIMIT_MS = 10_000;

/** One finished run; times are milliseconds after the fault was sent. */
type Run = {
  readonly fault: string;
  readonly target: string;
  readonly browser: boolean;
  readonly signals: Readonly<Record<string, number | null>>;
  readonly sights: Readonly<Record<string, number | null>>;
  readonly page: number | null;
};

/** `npm run bench -- detect` */
export const detect: Bench = {
  title: 'Fault → Trellis, against the backend’s own first signal (ms; the worst run counts)',
  run: async (context) => {
    const { options, lab, say } = context;
    const runs = options.runs ?? RUNS;
    const store = new Store<Run>(lab.paths.root, 'detect', options.again);
    const faults = FAULTS.filter(({ name }) => name.includes(options.only));
    const missing = faults.flatMap((fault) => missingRuns(store, fault, runs));
    if (missing.length > 0) {
      await bringLabUp(context);
      const trellis = await runTrellis(context);
      const live = await watchStream(trellis, context);
      for (const [index, { fault, run, browser }] of missing.entries()) {
        const row = await oneRun(context, live, fault, run, browser ? trellis.url : null);
        store.add(row);
        say(`${index + 1}/${missing.length} ${describe(row)}`);
      }
    }
    return faults.flatMap((fault) => resultsOf(fault, rowsOf(store, fault, runs)));
  },
};

type Missing = { fault: Fault; run: number; browser: boolean };

function missingRuns(store: Store<Run>, fault: Fault, runs: number): Missing[] {
  const done = store.rows.filter((row) => row.fault === fault.name);
  const plain = done.filter(({ browser }) => !browser).length;
  const left = Array.from({ length: Math.max(0, runs - plain) }, (_, i) => ({ fault, run: plain + i, browser: false }));
  return done.some(({ browser }) => browser) ? left : [...left, { fault, run: runs, browser: true }];
}

function rowsOf(store: Store<Run>, fault: Fault, runs: number): Run[] {
  const rows = store.rows.filter((row) => row.fault === fault.name);
  return [...rows.filter(({ browser }) => !browser).slice(0, runs), ...rows.filter(({ browser }) => browser).slice(-1)];
}

async function oneRun(
  context: BenchContext,
  live: LiveStream,
  fault: Fault,
  run: number,
  pageUrl: string | null,
): Promise<Run> {
  const { lab } = context;
  const view = () => ({ model: live.model, now: live.serverNow(), transitions: [] });
  await lab.up();
  await waitShownWhole(live);
  const page = pageUrl === null ? null : await PageClock.open(pageUrl);
  try {
    const armed = await fault.arm({ lab, context: labContext(lab.paths), view }, run);
    try {
      await sleep(Math.random() * PHASE_MS);
      await waitUnseen(armed, view);
      return await send(armed, live, fault, page);
    } finally {
      await armed.disarm();
    }
  } finally {
    await page?.close();
    await lab.up();
  }
}

/** What is there before the fault would be seen at once. */
async function waitUnseen({ sights }: Armed, view: () => View): Promise<void> {
  const seen = () => Object.entries(sights).filter(([, isSeen]) => isSeen(view()));
  if (await waitUntil(() => seen().length === 0, UNSEEN_LIMIT_MS, 20)) return;
  throw new Error(`seen before the fault was sent: ${seen().map(([name]) => name)}`);
}

async function send(armed: Armed, live: LiveStream, fault: Fault, page: PageClock | null): Promise<Run> {
  const { limitMs } = fault;
  const pageSeen = await page?.watch(armed.page, limitMs);
  const sights = Object.entries(armed.sights).map(
    async ([name, seen]) => [name, await live.firstSeen(seen, limitMs)] as const,
  );
  const atMs = epochMs();
  const sent = armed.send();
  const signals = Object.entries(armed.signals).map(
    async ([name, signal]) => [name, await signal.wait(limitMs)] as const,
  );
  await sent;
  const after = async (times: Promise<readonly [string, number | null]>[]) =>
    Object.fromEntries((await Promise.all(times)).map(([name, at]) => [name, sinceMs(at, atMs)]));
  const [seen, signalled] = await Promise.all([after(sights), after(signals)]);
  const pageAt = (await pageSeen?.()) ?? null;
  return {
    fault: fault.name,
    target: armed.target,
    browser: page !== null,
    signals: signalled,
    sights: seen,
    page: sinceMs(pageAt, atMs),
  };
}

/** What was seen before the fault is not what was waited for. */
function sinceMs(at: number | null, faultMs: number): number | null {
  return at === null || at < faultMs ? null : at - faultMs;
}

function resultsOf(fault: Fault, rows: readonly Run[]): Result[] {
  const plain = rows.filter(({ browser }) => !browser);
  const pairs = fault.pairs.map(({ metric, from, sight, targetMs, against }) => {
    const values = plain.map((row) => between(originOf(row, from), row.sights[sight] ?? null));
    return worstOf(`${fault.name}: ${metric}`, values, 'ms', targetMs, against);
  });
  const names = [...new Set(plain.flatMap(({ signals }) => Object.keys(signals)))];
  const signals = names.map((name) => {
    const values = plain.map((row) => row.signals[name] ?? null);
    return worstOf(`${fault.name}: fault → ${name} (backend)`, values, 'ms', null);
  });
  const { from, targetMs } = fault.page;
  const pages = rows
    .filter(({ browser }) => browser)
    .map((row) =>
      worstOf(
        `${fault.name}: ${from} → Chromium’s DOM`,
        [between(originOf(row, from), row.page)],
        'ms',
        targetMs,
        'page clock',
      ),
    );
  return [...pairs, ...pages, ...signals];
}

function originOf(row: Run, from: string): number | null {
  return from === 'fault' ? 0 : (row.signals[from] ?? null);
}

/** What is shown before the bench's own witness saw it counts as 0: the witness was slower. */
function between(fromMs: number | null, toMs: number | null): number | null {
  return fromMs === null || toMs === null ? null : Math.max(0, toMs - fromMs);
}

function describe({ fault, target, browser, signals, sights, page }: Run): string {
  const show = (times: Readonly<Record<string, number | null>>) =>
    Object.entries(times)
      .map(([name, ms]) => `${name} ${ms === null ? 'not seen' : Math.round(ms)}`)
      .join(', ');
  const seen = browser ? `; page ${page === null ? 'not seen' : Math.round(page)}` : '';
  return `${fault} (${target}): backend ${show(signals)}; stream ${show(sights)}${seen} (ms)`;
}
