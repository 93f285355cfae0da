/**
 * Ten thousand queues: what Trellis asks of RabbitMQ, what it costs itself, and how fast it notices a dead node, against
 * the same with ten queues in the same run. The queues have one copy each unless `--mirrored` is given.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { labContext } from '#lab/context.ts';
import { HOSTS, memberId, rabbitNode } from '#lab/layout.ts';
import { clusterProblems } from '#lab/probes/rabbitmq.ts';
import { memberProcesses } from '#lab/processes.ts';
import { brokerNodeStatus } from '#lib/model/status.ts';
import type { Bench, BenchContext } from './bench.ts';
import { epochMs, waitUntil } from './clock.ts';
import { signalMember } from './fault.ts';
import type { LiveStream } from './live-stream.ts';
import { BUDGET } from './load.ts';
import { coresOf, cpuSecondsOf, mostMegabytes, sampleUsage } from './process-usage.ts';
import { type Proxied, runProxied } from './proxied.ts';
import { declareQueues, deleteQueues, queueName } from './queue-maker.ts';
import { type Result, single } from './report.ts';
import { bringLabUp, waitShownWhole, watchStream } from './session.ts';

const FEW = 10;
const MANY = 10_000;
const MEASURE_MS = 30_000;
const SETTLE_MS = 15_000;
const SHOWN_LIMIT_MS = 120_000;
const NOTICE_LIMIT_MS = 60_000;
const CLUSTER_LIMIT_MS = 180_000;
const NOTICE_TARGET_MS = 500;
const MEMORY_TARGET_MB = 500;
/** Flat means: no more than this many times what ten queues cost. */
const FLAT = 1.2;
const VICTIM = 'host-3';
const MEGABYTE = 1_000_000;

/** What was measured at one number of queues. */
type Measured = {
  readonly queues: number;
  readonly requestsPerSecond: number;
  readonly megabytesPerSecond: number;
  readonly cores: number;
  readonly megabytes: number;
  /** What all broker nodes use, with Trellis and while it is held still. */
  readonly brokerCores: number;
  readonly brokerCoresAlone: number;
  readonly noticedMs: number | null;
};

/** `npm run bench -- queues` */
export const queues: Bench = {
  title: 'Many queues: load on RabbitMQ, cost of Trellis, time to notice a dead node',
  run: async (context) => {
    const { lab, options, atEnd, say } = context;
    const many = options.queues ?? MANY;
    await bringLabUp(context);
    const own = labContext(lab.paths);
    // What an earlier run left, were it killed.
    await deleteQueues(own, 1, many);
    const proxied = await runProxied(context);
    const live = await watchStream(proxied.trellis, context);
    atEnd('queues deleted', async () => {
      if ((await lab.status()).supervisor.state === 'running') await deleteQueues(own, 1, many);
    });
    const step = async (from: number, to: number): Promise<Measured> => {
      const startedMs = performance.now();
      await declareQueues(own, from, to, options.mirrored);
      say(`${to} queues (declared in ${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
      await waitQueuesShown(live, to);
      const measured = await measure(context, proxied, live, to);
      say(JSON.stringify(measured));
      return measured;
    };
    const few = await step(1, FEW);
    const lots = await step(FEW + 1, many);
    return resultsOf(few, lots);
  },
};

async function measure(context: BenchContext, proxied: Proxied, live: LiveStream, count: number): Promise<Measured> {
  const { lab } = context;
  const { trellis, tallies } = proxied;
  await sleep(SETTLE_MS);
  const brokers = HOSTS.flatMap((host) => memberProcesses(lab.paths.root, [memberId(host, 'rabbitmq')])).map(
    ({ pid }) => pid,
  );
  const used = sampleUsage(trellis.pid, 1_000);
  const fromMs = epochMs();
  const brokerCores = await coresDuring(brokers, MEASURE_MS);
  const toMs = epochMs();
  const samples = used();
  process.kill(trellis.pid, 'SIGSTOP');
  const brokerCoresAlone = await coresDuring(brokers, MEASURE_MS / 2).finally(() =>
    process.kill(trellis.pid, 'SIGCONT'),
  );
  await waitShownWhole(live, SHOWN_LIMIT_MS);
  const noticedMs = await notice(context, live);
  const seconds = (toMs - fromMs) / 1000;
  return {
    queues: count,
    requestsPerSecond: tallies.rabbitmq.requestsBetween(fromMs, toMs).length / seconds,
    megabytesPerSecond: tallies.rabbitmq.bytesBetween(fromMs, toMs) / seconds / MEGABYTE,
    cores: coresOf(samples),
    megabytes: mostMegabytes(samples),
    brokerCores,
    brokerCoresAlone,
    noticedMs,
  };
}

/** Kills a node, waits until its card is down, and starts it again. */
async function notice({ lab, say }: BenchContext, live: LiveStream): Promise<number | null> {
  const send = signalMember(lab, memberId(VICTIM, 'rabbitmq'), 'SIGKILL');
  const seen = live.firstSeen(({ model, now }) => {
    const node = model.brokerNodes[rabbitNode(VICTIM)];
    return node !== undefined && brokerNodeStatus(node, model, now).status === 'down';
  }, NOTICE_LIMIT_MS);
  const sentMs = epochMs();
  send();
  const seenMs = await seen;
  await lab.start(memberId(VICTIM, 'rabbitmq'));
  const own = labContext(lab.paths);
  const back = await waitUntil(async () => (await clusterProblems(own)).length === 0, CLUSTER_LIMIT_MS, 1_000);
  if (!back) say(`${rabbitNode(VICTIM)} is not back after ${CLUSTER_LIMIT_MS / 1000} s`);
  await waitShownWhole(live, SHOWN_LIMIT_MS);
  return seenMs === null ? null : seenMs - sentMs;
}

async function coresDuring(pids: readonly number[], ms: number): Promise<number> {
  const startedMs = performance.now();
  const before = cpuSecondsOf(pids);
  await sleep(ms);
  return ((cpuSecondsOf(pids) - before) * 1000) / (performance.now() - startedMs);
}

async function waitQueuesShown(live: LiveStream, count: number): Promise<void> {
  const last = `/:${queueName(count)}`;
  if (await waitUntil(() => Object.hasOwn(live.model.queues, last), SHOWN_LIMIT_MS)) return;
  throw new Error(`Trellis does not show the queue ${last} within ${SHOWN_LIMIT_MS / 1000} s`);
}

function resultsOf(few: Measured, many: Measured): Result[] {
  const limits = [few, many].flatMap((one) => {
    const at = `${one.queues} queues:`;
    return [
      single(`${at} requests to RabbitMQ`, one.requestsPerSecond, '1/s', BUDGET.restPerSecond, 'budget of §6'),
      single(
        `${at} bytes from RabbitMQ`,
        one.megabytesPerSecond,
        'MB/s',
        BUDGET.bytesPerSecond / MEGABYTE,
        'budget of §6',
      ),
      single(`${at} CPU of Trellis`, one.cores, 'cores', 1, '§14: one core'),
      single(`${at} memory of Trellis`, one.megabytes, 'MB', MEMORY_TARGET_MB, '§14'),
      single(`${at} node killed → shown down`, one.noticedMs, 'ms', NOTICE_TARGET_MS, '§14'),
      single(
        `${at} CPU of RabbitMQ`,
        one.brokerCores,
        'cores',
        null,
        `${round(one.brokerCoresAlone)} with Trellis held still`,
      ),
    ];
  });
  const ratio = (name: string, of: (one: Measured) => number, target: number | null) =>
    single(`${many.queues} ÷ ${few.queues} queues: ${name}`, of(many) / of(few), '×', target, 'flat: §14');
  return [
    ...limits,
    ratio('requests', (one) => one.requestsPerSecond, FLAT),
    ratio('bytes', (one) => one.megabytesPerSecond, null),
    ratio('CPU of Trellis', (one) => one.cores, null),
    ratio('memory of Trellis', (one) => one.megabytes, null),
    single(
      `${many.queues} queues: CPU of RabbitMQ because of Trellis`,
      Math.max(0, many.brokerCores - many.brokerCoresAlone),
      'cores',
      null,
      `${round(Math.max(0, few.brokerCores - few.brokerCoresAlone))} with ${few.queues} queues`,
    ),
  ];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
