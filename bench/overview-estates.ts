/**
 * The two that the overview compares. The estate: mirrored queue and replicated store, both through HAProxy. The standalone
 * one: a queue with one copy on one node of the same broker, asked directly, and a Redis of its own with the lab's settings.
 * One broker for both, so that neither has a warmer, older or differently set one; what differs is what makes it available.
 */
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Child } from '#lab/commands/children.ts';
import { childEnvironment, markOf, ownIdentity, ROOT } from '#lab/commands/workspace.ts';
import { labContext } from '#lab/context.ts';
import { ADDRESSES, PORTS } from '#lab/layout.ts';
import { SEARCH_PATH } from '#lab/programs.ts';
import { PYTHON, workerRole } from '#lab/roles/celery.ts';
import type { LabContext } from '#lab/roles/role.ts';
import type { BenchContext } from './bench.ts';
import { waitUntil } from './clock.ts';
import { manage } from './event-broker.ts';
import { benchFile } from './task-load.ts';

/** Where tasks go, and where their results are read. */
export type Contender = {
  readonly name: 'standalone' | 'estate';
  readonly queue: string;
  readonly brokerPort: number;
  readonly resultsPort: number;
};

const HOST = 'host-1';
const STANDALONE_REDIS_PORT = 6_399;
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 15_000;
const CLIENT_LIMIT_MS = 1_900_000;
const POLICY = 'overview-standalone';

/** Both, in no order. */
export const CONTENDERS: readonly [Contender, Contender] = [
  { name: 'standalone', queue: 'overview-standalone', brokerPort: PORTS.amqp, resultsPort: STANDALONE_REDIS_PORT },
  { name: 'estate', queue: 'overview-estate', brokerPort: PORTS.proxyAmqp, resultsPort: PORTS.proxyRedis },
];

/** Starts what the lab lacks: the single Redis, the queue's policy, and one worker of four processes for each. */
export async function startContenders(context: BenchContext): Promise<void> {
  const { atEnd, lab } = context;
  const own = labContext(lab.paths);
  atEnd('queues of the overview deleted', () => removeQueues(own));
  await putPolicy(own);
  await startRedis(context);
  for (const contender of CONTENDERS) startWorker(context, own, contender);
  const consumes = async ({ queue }: Contender) => {
    const found = (await manage(own, HOST, 'GET', `queues/%2F/${queue}`)) as { consumers?: number } | null;
    return (found?.consumers ?? 0) > 0;
  };
  for (const contender of CONTENDERS) {
    if (await waitUntil(() => consumes(contender), START_LIMIT_MS, 500)) continue;
    throw new Error(`the worker of ${contender.queue} does not consume; see .lab/bench`);
  }
}

/** Runs the application to its end; milliseconds from the first publish to the last result read. @throws Error */
export async function runClient(
  context: BenchContext,
  contender: Contender,
  { task, args, count }: { task: string; args: readonly unknown[]; count: number },
): Promise<number> {
  const script = join(import.meta.dirname, 'overview-client.py');
  const argv = [PYTHON, script, task, JSON.stringify(args), String(count), contender.queue];
  const lines: string[] = [];
  const env = environment(labContext(context.lab.paths), contender);
  const child = new Child(argv, { cwd: folder(context), env, onLine: (line) => void lines.push(line) });
  context.atEnd('application ended', () => child.stop(STOP_LIMIT_MS));
  if (!(await waitUntil(() => child.hasEnded, CLIENT_LIMIT_MS))) await child.stop(STOP_LIMIT_MS);
  const { code } = await child.ended;
  const told = lines.find((line) => line.startsWith('{"ms"'));
  if (code !== 0 || told === undefined) throw new Error(`${contender.name}, ${task}: ${lines.slice(-5).join('\n')}`);
  return (JSON.parse(told) as { ms: number }).ms;
}

function startWorker(context: BenchContext, own: LabContext, contender: Contender): void {
  const { argv } = workerRole.command(own, HOST);
  const name = `${contender.queue}@${HOST}`;
  const mine = [...argv.map((argument) => (argument === `celery@${HOST}` ? name : argument)), '-Q', contender.queue];
  const log = createWriteStream(benchFile(context, `${contender.name}.worker.log`));
  const env = environment(own, contender);
  const child = new Child(mine, { cwd: folder(context), env, onLine: (line) => void log.write(`${line}\n`) });
  context.atEnd(`worker of ${contender.name} ended`, () => child.stop(STOP_LIMIT_MS));
}

/** As the lab's own, but for the two ports. */
function environment(own: LabContext, { brokerPort, resultsPort }: Contender): NodeJS.ProcessEnv {
  const { env } = workerRole.command(own, HOST);
  return {
    ...childEnvironment(ROOT, markOf('bench', ROOT, ownIdentity())),
    ...env,
    LAB_BROKER_PORT: String(brokerPort),
    LAB_RESULTS_PORT: String(resultsPort),
  };
}

/** The lab's settings, without replicas. */
async function startRedis(context: BenchContext): Promise<void> {
  const dir = benchFile(context, 'redis');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  const address = ADDRESSES[HOST];
  const log = createWriteStream(benchFile(context, 'redis.log'));
  const settings = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '', '--protected-mode', 'no'];
  const argv = ['redis-server', '--bind', address, '--port', String(STANDALONE_REDIS_PORT), '--dir', dir, ...settings];
  const env = { ...childEnvironment(ROOT, markOf('bench', ROOT, ownIdentity())), PATH: SEARCH_PATH };
  const child = new Child(argv, { cwd: dir, env, onLine: (line) => void log.write(`${line}\n`) });
  context.atEnd('single Redis ended', async () => {
    await child.stop(STOP_LIMIT_MS);
    rmSync(dir, { recursive: true, force: true });
  });
  if (!(await waitUntil(() => child.hasEnded || answers(address), START_LIMIT_MS)) || child.hasEnded) {
    throw new Error(`the single Redis does not run on ${address}:${STANDALONE_REDIS_PORT}; see ${log.path}`);
  }
}

async function answers(host: string): Promise<boolean> {
  const options = { host, port: STANDALONE_REDIS_PORT, lazyConnect: true, retryStrategy: () => null };
  const client = new Redis(options);
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

/** A policy of higher priority than the lab's `ha-all` leaves the queue one copy. */
async function putPolicy(own: LabContext): Promise<void> {
  const login = Buffer.from(`trellis-act:${own.secret('trellis-act')}`).toString('base64');
  const response = await fetch(`http://${ADDRESSES[HOST]}:${PORTS.management}/api/policies/%2F/${POLICY}`, {
    method: 'PUT',
    headers: { authorization: `Basic ${login}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ pattern: `^${CONTENDERS[0].queue}$`, definition: { 'queue-mode': 'default' } },
      ...{ priority: 20, 'apply-to': 'queues' },
    }),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`PUT of the policy ${POLICY}: ${response.status}`);
}

async function removeQueues(own: LabContext): Promise<void> {
  for (const { queue } of CONTENDERS) {
    await manage(own, HOST, 'DELETE', `queues/%2F/${queue}`);
    await manage(own, HOST, 'DELETE', `exchanges/%2F/${queue}`);
  }
  await manage(own, HOST, 'DELETE', `policies/%2F/${POLICY}`);
}

function folder({ lab }: BenchContext): string {
  const dir = join(lab.paths.root, 'bench');
  mkdirSync(dir, { recursive: true });
  return dir;
}
