/** A thousand readers of the stream, fifty of them never reading, while the lab is broken again and again. */
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Child } from '#lab/commands/children.ts';
import { ROOT } from '#lab/commands/workspace.ts';
import { labContext } from '#lab/context.ts';
import type { Target } from '#lab/control.ts';
import { routes } from '#lib/routes.ts';
import type { Bench, BenchContext } from './bench.ts';
import { waitUntil } from './clock.ts';
import type { ClientOrder, ClientReport } from './fanout-protocol.ts';
import {
  coresOf,
  mostMegabytes,
  residentMegabytes,
  sampleUsage,
  slopePerMinute,
  waitingBytes,
} from './process-usage.ts';
import { declareQueues, deleteQueues } from './queue-maker.ts';
import { single } from './report.ts';
import { bringLabUp, runTrellis, watchStream } from './session.ts';

const CLIENTS = 1_000;
const DEAF = 50;
const MINUTES = 5;
/** The share of the time in which everybody reads, to compare with. */
const BASELINE_SHARE = 0.2;
const JOIN_BATCH = 50;
const JOIN_PAUSE_MS = 200;
const JOIN_LIMIT_MS = 60_000;
const FAULT_STEP_MS = 5_000;
const SAME_REVISION_LIMIT_MS = 10_000;
const TARGETS: readonly Target[] = ['host-2/haproxy', 'host-3/redis', 'host-1/sentinel', 'host-2/rabbitmq'];
/** One patch interval: what the readers may be later because of those that do not read. */
const UNAFFECTED_MS = 250;
/** A queue for each of fifty clients would grow by 30 MB a minute and more. */
const SLOPE_TARGET = 10;
/** Growth is measured over this time, at the end. */
const STEADY_MS = 60_000;
/** More than the kernel and any bounded buffer of Trellis keep for a client. */
const FULL_BYTES = 1_500_000;
const FULL_LIMIT_MS = 420_000;
const DEAF_LIMIT_MS = 20_000;

/** `npm run bench -- fanout` */
export const fanout: Bench = {
  title: `${CLIENTS} clients of the stream, ${DEAF} of them never reading, with faults meanwhile`,
  run: async (context) => {
    const { lab, options, say, atEnd } = context;
    const totalMs = (options.minutes ?? MINUTES) * 60_000;
    await bringLabUp(context);
    const own = labContext(lab.paths);
    const queues = options.queues ?? 0;
    if (queues > 0) await declareQueues(own, 1, queues, true);
    const trellis = await runTrellis(context);
    if (queues > 0) atEnd('queues deleted', () => deleteQueues(own, 1, queues));
    const live = await watchStream(trellis, context);
    live.close();
    const idleMegabytes = residentMegabytes(trellis.pid);
    const clients = new Clients(options.port);
    atEnd('clients ended', () => clients.end());

    await clients.join(CLIENTS - DEAF);
    if (!(await waitUntil(async () => (await clients.report()).joined >= CLIENTS - DEAF, JOIN_LIMIT_MS, 500))) {
      throw new Error(
        `only ${(await clients.report()).joined} readers have a snapshot after ${JOIN_LIMIT_MS / 1000} s`,
      );
    }
    const faults = breakAgainAndAgain(context);
    clients.reset();
    await sleep(totalMs * BASELINE_SHARE);
    const before = await clients.report();
    say(`without non-readers: ${describe(before)}`);

    await joinDeaf(context);
    clients.reset();
    const used = sampleUsage(trellis.pid, 1_000);
    const startedMs = performance.now();
    await untilFull(clients, totalMs * (1 - BASELINE_SHARE), say);
    const waiting = waitingBytes(options.port);
    const measuredSeconds = Math.round((performance.now() - startedMs) / 1000);
    const samples = used();
    const during = await clients.report();
    say(`with ${DEAF} non-readers: ${describe(during)}`);
    await faults.stop();
    await lab.up();

    const distinct = await fewestRevisions(clients);
    const { lost, gaps } = await clients.report();
    const lastMs = (samples.at(-1)?.atMs ?? 0) - STEADY_MS;
    const steady = samples.filter(({ atMs }) => atMs >= lastMs);
    return [
      single('delivery, median', during.medianMs, 'ms', null, `${during.deliveries} deliveries`),
      single('delivery, p99', during.p99Ms, 'ms', 1_000, '§14'),
      single('delivery, worst', during.worstMs, 'ms', null, ''),
      single('delay of the clients’ own thread, p99', during.ownDelayP99Ms, 'ms', null, 'part of the above'),
      single(
        'p99 later than without non-readers',
        later(during, before),
        'ms',
        UNAFFECTED_MS,
        `${before.p99Ms} ms without`,
      ),
      single(
        'memory of Trellis, most',
        mostMegabytes(samples),
        'MB',
        500,
        `§14; ${Math.round(idleMegabytes)} MB with one client`,
      ),
      single(
        'memory, growth with full non-readers',
        slopePerMinute(steady),
        'MB/min',
        SLOPE_TARGET,
        'the last minute; a queue for each would grow by 30 and more',
      ),
      single(
        'waiting in the kernel for a non-reader',
        waiting / DEAF / 1_000_000,
        'MB',
        null,
        `of ${round(during.bytesEach / 1_000_000)} MB sent to each in ${measuredSeconds} s`,
      ),
      single('CPU of Trellis', coresOf(samples), 'cores', 1, '§14'),
      single('readers that lost their stream', lost, '', 0, `${CLIENTS - DEAF} readers`),
      single('patches that did not follow', gaps, '', 0, ''),
      single('different revisions at the end, less one', distinct - 1, '', 0, 'all readers at the same'),
      single('faults meanwhile', faults.count(), '', null, ''),
    ];
  },
};

/** The thread of clients. */
class Clients {
  readonly #worker: Worker;

  constructor(port: number) {
    this.#worker = new Worker(new URL('./fanout-clients.ts', import.meta.url), { workerData: { port } });
  }

  /** Adds clients, a few at a time: a thousand at once is a test of the connection backlog. */
  async join(count: number): Promise<void> {
    for (let left = count; left > 0; left -= JOIN_BATCH) {
      this.#order({ order: 'join', count: Math.min(JOIN_BATCH, left) });
      await sleep(JOIN_PAUSE_MS);
    }
  }

  reset(): void {
    this.#order({ order: 'reset' });
  }

  async report(): Promise<ClientReport> {
    const answer = once(this.#worker, 'message');
    this.#order({ order: 'report' });
    return (await answer)[0] as ClientReport;
  }

  end(): Promise<number> {
    return this.#worker.terminate();
  }

  #order(order: ClientOrder): void {
    this.#worker.postMessage(order);
  }
}

/** Adds the clients that never read. @throws Error when they do not connect */
async function joinDeaf({ options, atEnd }: BenchContext): Promise<void> {
  let connected = '';
  const argv = ['python3', join(import.meta.dirname, 'deaf-clients.py')];
  const child = new Child([...argv, String(options.port), routes.api.stream, String(DEAF)], {
    cwd: ROOT,
    env: process.env,
    onLine: (line) => {
      connected = line;
    },
  });
  atEnd('non-readers ended', () => child.stop());
  if (await waitUntil(() => connected === `${DEAF} connected` && !child.hasEnded, DEAF_LIMIT_MS)) return;
  throw new Error(`the non-readers did not connect: ${connected}`);
}

/** Kills and starts one process after the other, until it is stopped; a lab that refuses is said, and no end. */
function breakAgainAndAgain({ lab, say }: BenchContext): { stop: () => Promise<void>; count: () => number } {
  const stopping = new AbortController();
  let count = 0;
  const loop = async () => {
    while (!stopping.signal.aborted) {
      for (const target of TARGETS) {
        if (stopping.signal.aborted) return;
        try {
          await lab.kill(target);
          count += 1;
          await sleep(FAULT_STEP_MS);
          await lab.start(target);
        } catch (error) {
          say(`${target}: ${(error as Error).message}`);
        }
        await sleep(FAULT_STEP_MS);
      }
    }
  };
  const done = loop();
  return {
    count: () => count,
    stop: () => {
      stopping.abort();
      return done;
    },
  };
}

/**
 * Waits for `ms`, and on until the non-readers have long left more than any bounded buffer holds, and the time in which
 * growth is measured has passed after that.
 */
async function untilFull(clients: Clients, ms: number, say: (line: string) => void): Promise<void> {
  const startedMs = performance.now();
  let fullMs: number | null = null;
  for (;;) {
    await sleep(1_000);
    const atMs = performance.now();
    if (fullMs === null && (await clients.report()).bytesEach >= FULL_BYTES) fullMs = atMs;
    const isSteady = fullMs !== null && atMs - fullMs >= STEADY_MS;
    if (atMs - startedMs >= ms && isSteady) return;
    if (atMs - startedMs >= Math.max(ms, FULL_LIMIT_MS)) {
      say('the stream was too quiet to fill the non-readers: the growth of memory is not that of full ones');
      return;
    }
  }
}

/** Events go on, so everybody is at the same revision only between two of them. */
async function fewestRevisions(clients: Clients): Promise<number> {
  let fewest = Number.POSITIVE_INFINITY;
  await waitUntil(
    async () => {
      fewest = Math.min(fewest, (await clients.report()).revisions.length);
      return fewest === 1;
    },
    SAME_REVISION_LIMIT_MS,
    30,
  );
  return fewest;
}

function later(during: ClientReport, before: ClientReport): number | null {
  return during.p99Ms === null || before.p99Ms === null ? null : Math.max(0, during.p99Ms - before.p99Ms);
}

function describe({ readers, deliveries, medianMs, p99Ms, worstMs, ownDelayP99Ms }: ClientReport): string {
  return `${readers} readers, ${deliveries} deliveries, median ${medianMs} ms, p99 ${p99Ms} ms, worst ${worstMs} ms (own delay p99 ${Math.round(ownDelayP99Ms)} ms)`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
