/** Those who take events in the ingest bench: each is a process that has a queue, is held, and then begins. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '#lab/commands/children.ts';
import { childEnvironment, markOf, ownIdentity, ROOT } from '#lab/commands/workspace.ts';
import { labContext } from '#lab/context.ts';
import { ADDRESSES, PORTS } from '#lab/layout.ts';
import { secretFile } from '#lab/paths.ts';
import { signal } from '#lab/processes.ts';
import { PYTHON } from '#lab/roles/celery.ts';
import type { BenchContext } from './bench.ts';
import { waitUntil } from './clock.ts';
import { openBroker } from './event-broker.ts';
import { TRELLIS_QUEUE } from './event-message.ts';
import type { Trellis } from './session.ts';
import { readIntake } from './task-api.ts';

/** One who takes events, ready to begin. */
export type Contestant = {
  readonly pid: number;
  /** Its queue is there and fills, and it takes nothing. */
  readonly hold: () => void;
  readonly begin: () => void;
  /** It has taken as many events as it was started for. */
  readonly isDone: () => Promise<boolean>;
  readonly end: () => Promise<unknown>;
};

const DECLARED_LIMIT_MS = 30_000;
const FLOWER_PORT = 5_559;
const FLOWER_LOOK_MS = 2_000;
const ANSWER_LIMIT_MS = 10_000;
/** Everything is to stay in memory: who forgets has less to do. */
const TASKS_IN_MEMORY = 1_000_000;
const FLOWER_NEEDS = ['tornado', 'prometheus_client', 'humanize', 'pytz'] as const;
const FLOWER_PACKAGES = 'python3-tornado python3-prometheus-client python3-humanize python3-tz';

/** amqplib and JSON.parse, and nothing else. */
export function startFloor(context: BenchContext, events: number): Promise<Contestant> {
  const argv = [process.execPath, join(import.meta.dirname, 'event-floor.ts'), context.lab.paths.root, String(events)];
  return startScript(context, 'floor', argv);
}

/** Celery's EventReceiver and State. */
export function startCelery(context: BenchContext, events: number): Promise<Contestant> {
  const script = join(import.meta.dirname, 'celery-state.py');
  return startScript(context, 'Celery', [PYTHON, script, String(events), String(TASKS_IN_MEMORY)]);
}

/** Flower from a checkout. @throws Error that says what is missing */
export async function startFlower(context: BenchContext, dir: string, events: number): Promise<Contestant> {
  const script = join(import.meta.dirname, 'celery-state-flower.py');
  const argv = [PYTHON, script, dir, String(FLOWER_PORT), String(TASKS_IN_MEMORY)];
  const contestant = await startScript(context, 'Flower', argv);
  let [takenAtMs, taken] = [0, 0];
  return {
    ...contestant,
    isDone: async () => {
      // Its metrics cost it something: it is asked rarely.
      if (performance.now() - takenAtMs >= FLOWER_LOOK_MS) {
        takenAtMs = performance.now();
        taken = await flowerEvents().catch(() => taken);
      }
      return taken >= events;
    },
  };
}

/** Why Flower cannot be started from this folder; null = it can. */
export function flowerProblem(dir: string): string | null {
  if (!existsSync(join(dir, 'flower', 'command.py')))
    return `${dir} is no checkout of Flower: it has no flower/command.py`;
  const missing = FLOWER_NEEDS.filter((name) => spawnSync(PYTHON, ['-c', `import ${name}`]).status !== 0);
  if (missing.length === 0) return null;
  return `Flower needs ${missing.join(', ')} for ${PYTHON}: apt-get install --no-install-recommends ${FLOWER_PACKAGES}`;
}

/** Trellis, which runs and consumes: it is held by SIGSTOP, so that its start is no part of what is measured. */
export async function trellisContestant(
  context: BenchContext,
  { pid, url }: Trellis,
  events: number,
): Promise<Contestant> {
  const connection = await openBroker(labContext(context.lab.paths), 'host-1');
  const channel = await connection.createChannel();
  channel.on('error', () => undefined); // its end says it
  const before = (await readIntake(url))?.received ?? 0;
  const begin = () => void process.kill(pid, 'SIGCONT');
  // A bench that is interrupted must not leave it held: it could not even be ended.
  context.atEnd('Trellis goes on', async () => signal(pid, 'SIGCONT'));
  return {
    pid,
    hold: () => void process.kill(pid, 'SIGSTOP'),
    begin,
    isDone: async () => {
      // The broker first: asking it costs Trellis nothing.
      const { messageCount } = await channel.checkQueue(TRELLIS_QUEUE);
      const intake = messageCount > 0 ? null : await readIntake(url).catch(() => null);
      return intake?.state === 'consuming' && intake.pending === 0 && intake.received - before >= events;
    },
    end: () => {
      begin();
      return connection.close();
    },
  };
}

/** A script that says `declared` and `done`, and begins at SIGUSR2. */
async function startScript(
  { lab, atEnd, say }: BenchContext,
  name: string,
  argv: readonly string[],
): Promise<Contestant> {
  const said = new Set<string>();
  const child = new Child(argv, {
    cwd: ROOT,
    env: {
      ...childEnvironment(ROOT, markOf('bench', ROOT, ownIdentity())),
      PYTHONDONTWRITEBYTECODE: '1',
      BENCH_BROKER: `${ADDRESSES['host-1']}:${PORTS.amqp}`,
      BENCH_PASSWORD_FILE: secretFile(lab.paths, 'app'),
    },
    onLine: (line) => {
      said.add(line);
      if (line !== 'declared' && line !== 'done') say(`${name}: ${line}`);
    },
  });
  atEnd(`${name} ended`, () => child.stop());
  await waitUntil(() => said.has('declared') || child.hasEnded, DECLARED_LIMIT_MS);
  if (!said.has('declared')) throw new Error(`${name} does not declare its queue`);
  return {
    pid: child.pid as number,
    hold: () => undefined,
    begin: () => void process.kill(child.pid as number, 'SIGUSR2'),
    isDone: async () => {
      if (child.hasEnded) throw new Error(`${name} has ended by itself`);
      return said.has('done');
    },
    end: () => child.stop(),
  };
}

async function flowerEvents(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${FLOWER_PORT}/metrics`, {
    signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
  });
  return flowerTotal(await response.text());
}

/** How many events Flower has counted, by the text of its metrics. */
export function flowerTotal(text: string): number {
  const values = [...text.matchAll(/^flower_events_total\{.*\} ([\d.e+]+)$/gm)].map((found) => Number(found[1]));
  return values.reduce((sum, value) => sum + value, 0);
}
