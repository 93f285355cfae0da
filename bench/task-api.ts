/** Trellis's task history and its intake of events, read from outside. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TASK_LIMIT, type TaskAnswer, type TaskCounts, type TaskPage } from '#lib/contract/tasks.ts';
import type { Ingest } from '#lib/model/celery.ts';
import type { Model } from '#lib/model/model.ts';
import type { TaskDetail } from '#lib/model/task.ts';
import { routes } from '#lib/routes.ts';
import type { BenchContext } from './bench.ts';
import { runTrellis, type Trellis } from './session.ts';
import {
  type Comparison,
  compareTasks,
  describeComparison,
  isComplete,
  type LedgerTask,
  type ToldTask,
} from './task-ledger.ts';
import type { TrellisYaml } from './trellis-config.ts';

const ANSWER_LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 1_000;
const COMPARE_EVERY_MS = 5_000;
const CAUGHT_UP_MESSAGES = 1_000;
const CAUGHT_UP_LOOKS = 3;
/** A task's place in lists is by the clock of its publisher, and publishers begin a little before they are watched. */
const MARGIN_MS = 60_000;
const TASKS = '/api/v1/tasks';

/** Starts Trellis with its task history on, or off. The history lies in `dataDir`. */
export function runWithHistory(context: BenchContext, dataDir: string, on = true): Promise<Trellis> {
  return runTrellis(context, (yaml: TrellisYaml & { celery?: unknown }) => {
    yaml.dataDir = dataDir;
    if (on) yaml.celery ??= {};
    else delete yaml.celery;
  });
}

/** SIGKILL to Trellis; returns when it is gone. */
export async function killTrellis({ pid, child, stop }: Trellis): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await child.ended;
  await stop(); // what is left of its group
}

/** What Trellis says of itself and of the estate. */
export async function readEstate(url: string): Promise<{ instance: string; model: Model }> {
  return (await read(`${url}${routes.api.estate}`)) as { instance: string; model: Model };
}

/** The intake of events; null while Trellis does not tell of one. */
export async function readIntake(url: string): Promise<Ingest | null> {
  return Object.values((await readEstate(url)).model.ingests)[0] ?? null;
}

/** One task with its events; null where the history does not have it. */
export async function readTask(url: string, id: string): Promise<TaskDetail | null> {
  const answer = (await read(`${url}${TASKS}/${id}`)) as TaskAnswer | null;
  return answer?.task ?? null;
}

/** How many tasks match. `query` holds the parameters of the API. */
export async function readCounts(url: string, query: Record<string, string>): Promise<TaskCounts> {
  return (await read(`${url}${TASKS}/counts?${new URLSearchParams(query)}`)) as TaskCounts;
}

/** The ids of the tasks that a search finds, a page of them. */
export async function searchTasks(url: string, words: string): Promise<string[]> {
  const page = (await read(`${url}${TASKS}?${new URLSearchParams({ q: words })}`)) as TaskPage;
  return page.tasks.map(({ id }) => id);
}

/** Every task since a time (epoch ms), page by page, the oldest first; one that the pages repeat is repeated here. */
export async function readHistory(url: string, fromMs: number): Promise<ToldTask[]> {
  const told: ToldTask[] = [];
  const filter = { from: String(Math.floor(fromMs)), sort: 'oldest', limit: String(TASK_LIMIT.max), canaries: '1' };
  for (let after: string | null = ''; after !== null; ) {
    const query = new URLSearchParams(after === '' ? filter : { ...filter, after });
    const page = (await read(`${url}${TASKS}?${query}`)) as TaskPage | null;
    if (page === null) throw new Error('Trellis has no task history: is it built with one, and `celery` on?');
    for (const { id, state, retries, endedBy } of page.tasks) told.push({ id, state, retries, endedBy });
    after = page.next;
  }
  return told;
}

/** Waits until what was published has been taken in, but for what the lab itself goes on telling. */
async function waitCaughtUp(url: string, limitMs: number): Promise<void> {
  const endMs = performance.now() + limitMs;
  for (let looks = 0; looks < CAUGHT_UP_LOOKS && performance.now() < endMs; ) {
    const intake = await readIntake(url).catch(() => null);
    const waiting = (intake?.pending ?? 0) + (intake?.lagMessages ?? 0);
    looks = intake?.state === 'consuming' && waiting < CAUGHT_UP_MESSAGES ? looks + 1 : 0;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Holds the history against the ledger again and again, until it is complete or the time is over; what is found last counts. */
export async function compareUntilComplete(
  url: string,
  ledger: readonly LedgerTask[],
  fromMs: number,
  limitMs: number,
): Promise<Comparison> {
  const endMs = performance.now() + limitMs;
  await waitCaughtUp(url, limitMs);
  for (;;) {
    const comparison = compareTasks(ledger, await readHistory(url, fromMs - MARGIN_MS));
    if (isComplete(comparison) || performance.now() >= endMs) return comparison;
    await sleep(COMPARE_EVERY_MS);
  }
}

/** As much of a comparison as is kept of a finished run. */
export type KeptComparison = {
  readonly confirmed: number;
  readonly missing: number;
  readonly repeated: number;
  readonly wrongEnds: number;
  readonly wrongRetries: number;
  readonly unknown: number;
  readonly backfilled: number;
  readonly text: string;
};

/** Reduces a comparison to its counts and a line for people. */
export function keptOf(comparison: Comparison): KeptComparison {
  const { confirmed, missing, repeated, wrongEnds, wrongRetries, unknown, backfilled } = comparison;
  return {
    ...{ confirmed, missing: missing.length, repeated: repeated.length, wrongEnds: wrongEnds.length },
    ...{ wrongRetries: wrongRetries.length, unknown, backfilled, text: describeComparison(comparison) },
  };
}

/** Null where there is none (404). @throws Error with the answer */
async function read(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  const text = await response.text();
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text.slice(0, 300)}`);
  return JSON.parse(text);
}
