/**
 * A worker killed (SIGKILL) in the middle of tasks: how soon Trellis shows it gone, and what becomes of its tasks. One that was
 * acknowledged early is lost and must be called ORPHANED; one that is acknowledged late runs again elsewhere and succeeds.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { labContext } from '#lab/context.ts';
import { ADDRESSES, HOSTS, type Host, memberId, PORTS } from '#lab/layout.ts';
import type { TaskDetail } from '#lib/model/task.ts';
import type { Bench, BenchContext } from './bench.ts';
import { epochMs, waitUntil } from './clock.ts';
import { signalMember } from './fault.ts';
import { LiveStream } from './live-stream.ts';
import { publishSleeps, type Sleep } from './publish-sleeps.ts';
import { type Result, single, worstOf } from './report.ts';
import { bringLabUp } from './session.ts';
import { readTask, runWithHistory } from './task-api.ts';
import { benchFile } from './task-load.ts';

const RUNS = 3;
/** Of each kind; with four processes in each of three workers, some worker has one of both. */
const TASKS = 4;
const TASK_SECONDS = 30;
const STARTED_LIMIT_MS = 20_000;
const GONE_LIMIT_MS = 20_000;
const GONE_TARGET_MS = 6_000;
const ORPHANED_LIMIT_MS = 90_000;
/** Redelivered at once, it may still wait for a free process, and runs its whole time again. */
const SUCCESS_LIMIT_MS = 150_000;
const BACK_LIMIT_MS = 60_000;
const ATTEMPTS = 4;

type Run = {
  readonly worker: string;
  readonly goneMs: number | null;
  readonly orphanedMs: number | null;
  readonly orphans: number;
  readonly early: number;
  readonly succeededMs: number | null;
  readonly succeeded: number;
  /** Late ones that the history shows as delivered again, and to another worker. */
  readonly elsewhere: number;
  /** Late ones whose result is in the result store. */
  readonly stored: number;
  readonly late: number;
};

/** `npm run bench -- worker-kill` */
export const workerKill: Bench = {
  title: 'A worker killed in the middle of its tasks',
  run: async (context) => {
    const { options, say } = context;
    await bringLabUp(context);
    const dataDir = benchFile(context, 'data');
    rmSync(dataDir, { recursive: true, force: true });
    const { url } = await runWithHistory(context, dataDir);
    const live = await LiveStream.open(url);
    context.atEnd('stream closed', async () => live.close());
    const runs: Run[] = [];
    for (let n = 0; n < (options.runs ?? RUNS); n += 1) {
      const run = await oneRun(context, live, url);
      say(JSON.stringify(run));
      runs.push(run);
    }
    return resultsOf(runs);
  },
};

async function oneRun(context: BenchContext, live: LiveStream, url: string): Promise<Run> {
  const { lab } = context;
  const { host, early, late } = await tasksOnOneWorker(context, live, url);
  const worker = `celery@${host}`;
  const send = signalMember(lab, memberId(host, 'worker'), 'SIGKILL');
  const isGone = (state = 'online') => state !== 'online';
  const seen = live.firstSeen(({ model }) => isGone(model.celeryWorkers[worker]?.state), GONE_LIMIT_MS);
  const killedMs = epochMs();
  send();
  const goneMs = await seen;
  const after = (atMs: number | null) => (atMs === null ? null : atMs - killedMs);
  const orphaned = allReach(url, early, (task) => task.state === 'ORPHANED', ORPHANED_LIMIT_MS);
  const succeeded = allReach(url, late, (task) => task.state === 'SUCCESS', SUCCESS_LIMIT_MS);
  const [orphanedMs, succeededMs] = await Promise.all([orphaned, succeeded]);
  const tasks = await Promise.all([...early, ...late].map((id) => readTask(url, id)));
  const of = (ids: readonly string[], is: (task: TaskDetail) => boolean) =>
    tasks.filter((task) => task !== null && ids.includes(task.id) && is(task)).length;
  const run: Run = {
    ...{ worker, goneMs: after(goneMs), orphanedMs: after(orphanedMs), succeededMs: after(succeededMs) },
    ...{ early: early.length, orphans: of(early, ({ state }) => state === 'ORPHANED') },
    ...{ late: late.length, succeeded: of(late, ({ state }) => state === 'SUCCESS') },
    elsewhere: of(late, (task) => task.redeliveries > 0 && task.worker !== worker),
    stored: await storedResults(late),
  };
  await lab.start(memberId(host, 'worker'));
  if (!(await waitUntil(() => live.model.celeryWorkers[worker]?.state === 'online', BACK_LIMIT_MS))) {
    throw new Error(`Trellis does not show ${worker} again`);
  }
  return run;
}

/** Publishes sleeps of both kinds until some worker runs one of each; gives the running ones of that worker. */
async function tasksOnOneWorker(
  context: BenchContext,
  live: LiveStream,
  url: string,
): Promise<{ host: Host; early: string[]; late: string[] }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const ids = () => Array.from({ length: TASKS }, () => randomUUID());
    const [early, late] = [ids(), ids()];
    // In turn: the workers are served in turn too.
    const sleeps = early.flatMap((id, n): Sleep[] => {
      const other = late[n];
      return [
        { task: 'lab.sleep', id },
        ...(other === undefined ? [] : [{ task: 'lab.sleep_late', id: other } as const]),
      ];
    });
    await publishSleeps(labContext(context.lab.paths), sleeps, TASK_SECONDS);
    let found: { host: Host; early: string[]; late: string[] } | undefined;
    await waitUntil(
      async () => {
        const running = (await Promise.all([...early, ...late].map((id) => readTask(url, id)))).filter(
          (task) => task?.state === 'STARTED',
        );
        const on = (host: Host, of: readonly string[]) =>
          running.flatMap((task) => (task?.worker === `celery@${host}` && of.includes(task.id) ? task.id : []));
        found = HOSTS.map((host) => ({ host, early: on(host, early), late: on(host, late) })).find(
          (one) =>
            one.early.length > 0 &&
            one.late.length > 0 &&
            live.model.celeryWorkers[`celery@${one.host}`]?.state === 'online',
        );
        return found !== undefined;
      },
      STARTED_LIMIT_MS,
      300,
    );
    if (found !== undefined) return found;
    context.say('no worker runs a task of each kind; publishing again');
    await sleep(TASK_SECONDS * 1_000);
  }
  throw new Error('no worker ran a task of each kind that Trellis showed as STARTED');
}

/** The moment at which all of these tasks were seen so; null when they were not in time. */
async function allReach(
  url: string,
  ids: readonly string[],
  isThere: (task: TaskDetail) => boolean,
  limitMs: number,
): Promise<number | null> {
  const waiting = new Set(ids);
  const look = async () => {
    for (const id of waiting) {
      const task = await readTask(url, id).catch(() => null);
      if (task !== null && isThere(task)) waiting.delete(id);
    }
    return waiting.size === 0;
  };
  return (await waitUntil(look, limitMs, 250)) ? epochMs() : null;
}

/** How many of them the result store has as a success. */
async function storedResults(ids: readonly string[]): Promise<number> {
  const client = new Redis(PORTS.proxyRedis, ADDRESSES['host-1'], { lazyConnect: true, disableClientInfo: true });
  client.on('error', () => undefined); // the command that failed says it
  try {
    await client.connect();
    const values = await client.mget(ids.map((id) => `celery-task-meta-${id}`));
    return values.filter((value) => value !== null && JSON.parse(value).status === 'SUCCESS').length;
  } finally {
    client.disconnect();
  }
}

function resultsOf(runs: readonly Run[]): Result[] {
  const sum = (of: (run: Run) => number) => runs.reduce((total, run) => total + of(run), 0);
  const [early, late] = [sum((run) => run.early), sum((run) => run.late)];
  const left = (what: string, all: number, done: number) => single(what, all - done, '', 0, `${all} tasks`);
  return [
    worstOf(
      'worker killed → shown gone',
      runs.map(({ goneMs }) => goneMs),
      'ms',
      GONE_TARGET_MS,
      'heartbeats every 2 s',
    ),
    left(
      'early-ack tasks not called ORPHANED',
      early,
      sum(({ orphans }) => orphans),
    ),
    worstOf(
      'worker killed → early-ack tasks ORPHANED',
      runs.map(({ orphanedMs }) => orphanedMs),
      'ms',
      null,
    ),
    left(
      'late-ack tasks not shown as SUCCESS',
      late,
      sum(({ succeeded }) => succeeded),
    ),
    left(
      'late-ack tasks not shown as delivered again, elsewhere',
      late,
      sum(({ elsewhere }) => elsewhere),
    ),
    left(
      'late-ack tasks without a result in the result store',
      late,
      sum(({ stored }) => stored),
    ),
    worstOf(
      'worker killed → late-ack tasks SUCCESS',
      runs.map(({ succeededMs }) => succeededMs),
      'ms',
      null,
      `sleep of ${TASK_SECONDS} s`,
    ),
  ];
}
