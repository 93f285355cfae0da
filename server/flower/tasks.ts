/** Flower's questions about tasks. */
import type { TaskFilter } from '#lib/contract/tasks.ts';
import { TASK_STATES, type Task } from '#lib/model/task.ts';
import { parseResult } from '#server/celery/results.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import type { FlowerContext } from './context.ts';
import { momentOf, type Parameters } from './parameters.ts';
import { flowerState, flowerTask } from './task-object.ts';
import { windowOf } from './task-window.ts';
import { FlowerError, flowerJson, reached, UNAVAILABLE } from './text.ts';

const SORTS = ['name', 'state', 'received', 'started'] as const;
type Sort = (typeof SORTS)[number];
/** Messages may wait in a queue for as long and still be looked for by when they were received. */
const WAITED_AT_MOST_MS = 7 * 86_400_000;
/** A task is received after it was sent, but by another clock. */
const CLOCKS_DIFFER_MS = 600_000;
const RESULT_WAIT_MS = 500;
const RESULT_WAIT_LIMIT_MS = 30_000;

/** The store. @throws FlowerError 503 where none is configured */
export function storeOf({ tasks }: Pick<FlowerContext, 'tasks'>): TaskReader {
  if (tasks === null) throw new FlowerError(503, 'This Trellis keeps no tasks: trellis.yaml has no section celery');
  return tasks;
}

/** `/api/tasks`. @throws FlowerError */
export async function listTasks(context: FlowerContext, given: Parameters): Promise<Response> {
  const limit = given.integer('limit', null);
  const sort = sortOf(given.text('sort_by'));
  const [start, end] = [timeOf(given, 'received_start'), timeOf(given, 'received_end')];
  const filter = filterOf(given);
  if (filter === null) return flowerJson({});
  const wish = {
    filter: {
      ...filter,
      ...(start === null ? {} : { from: Math.max(0, start - WAITED_AT_MOST_MS) }),
      ...(end === null ? {} : { to: end + CLOCKS_DIFFER_MS }),
    },
    from: sort !== null && !sort.isDown && isTime(sort.by) ? ('oldest' as const) : ('newest' as const),
    keep: ({ receivedAt }: Task) =>
      (start === null || (receivedAt !== null && receivedAt >= start)) &&
      (end === null || (receivedAt !== null && receivedAt <= end)),
    order: sort === null ? undefined : orderBy(sort),
    offset: Math.max(0, given.integer('offset', 0)),
    limit: limit === null || limit <= 0 ? null : limit,
  };
  const tasks = await windowOf(storeOf(context), wish, context.clock());
  return flowerJson(Object.fromEntries(tasks.map((task) => [task.id, flowerTask(task)])));
}

function filterOf(given: Parameters): TaskFilter | null {
  const chosen = (name: string) => {
    const value = given.text(name);
    return value === 'All' ? null : value;
  };
  const [worker, name, state, q] = [chosen('workername'), chosen('taskname'), chosen('state'), given.text('search')];
  const states = TASK_STATES.filter((one) => flowerState(one) === state);
  // What no task can be, none is.
  if (state !== null && states.length === 0) return null;
  return {
    ...(q === null ? {} : { q }),
    ...(worker === null ? {} : { worker: [worker] }),
    ...(name === null ? {} : { name: [name] }),
    ...(state === null ? {} : { state: states }),
  };
}

function timeOf(given: Parameters, name: string): number | null {
  const text = given.text(name);
  const at = text === null ? null : momentOf(text);
  if (text !== null && at === null)
    throw new FlowerError(400, `time data '${text}' does not match format '%Y-%m-%d %H:%M'`);
  return at;
}

function sortOf(text: string | null): { by: Sort; isDown: boolean } | null {
  if (text === null) return null;
  const by = SORTS.find((one) => one === text.replace(/^-/, ''));
  if (by === undefined) throw new FlowerError(400, `Cannot sort by '${text}': give one of ${SORTS.join(', ')}`);
  return { by, isDown: text.startsWith('-') };
}

function isTime(by: Sort): boolean {
  return by === 'received' || by === 'started';
}

function orderBy({ by, isDown }: { by: Sort; isDown: boolean }): (a: Task, b: Task) => number {
  const sign = isDown ? -1 : 1;
  if (by === 'received') return (a, b) => sign * ((a.receivedAt ?? 0) - (b.receivedAt ?? 0));
  if (by === 'started') return (a, b) => sign * ((a.startedAt ?? 0) - (b.startedAt ?? 0));
  return (a, b) => sign * compareTexts(a[by] ?? '', b[by] ?? '');
}

/** Code unit by code unit, as Python compares. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `/api/task/info/<id>`. @throws FlowerError 404 */
export async function taskInfo(context: FlowerContext, id: string): Promise<Response> {
  const found = await storeOf(context).task(id);
  if (found === null) throw new FlowerError(404, `Unknown task '${id}'`);
  const children = found.workflow.filter(({ parentId }) => parentId === id).map((task) => task.id);
  return flowerJson(flowerTask(found.task, children));
}

/** `/api/task/types`: the names of the tasks of late. */
export async function taskTypes(context: FlowerContext): Promise<Response> {
  const { names } = await storeOf(context).suggestions(context.clock());
  return flowerJson({ 'task-types': [...names].sort() });
}

/** What Celery keeps of a task: in Flower's words, `PENDING` for what nobody knows. */
export type FlowerResult = { 'task-id': string; state: string; result?: string | null; traceback?: string | null };

const READY = ['SUCCESS', 'FAILURE', 'REVOKED'];

/**
 * `/api/task/result/<id>`, waiting up to `timeout` seconds for the end.
 * @throws FlowerError 503 where results cannot be read
 */
export async function taskResult(context: FlowerContext, id: string, given: Parameters): Promise<Response> {
  return flowerJson(await waitForResult(context, id, (given.number('timeout') ?? 0) * 1_000));
}

/** The result once it is there, or what there is after the time. @throws FlowerError 503 */
export async function waitForResult(context: FlowerContext, id: string, limitMs: number): Promise<FlowerResult> {
  const until = context.clock() + Math.min(RESULT_WAIT_LIMIT_MS, Math.max(0, limitMs));
  for (;;) {
    const result = await readResult(context, id);
    if (READY.includes(result.state) || context.clock() >= until) return result;
    await new Promise((resolve) => setTimeout(resolve, Math.min(RESULT_WAIT_MS, until - context.clock())));
  }
}

async function readResult({ hands }: FlowerContext, id: string): Promise<FlowerResult> {
  const results = hands?.results ?? null;
  if (results === null) throw new FlowerError(503, 'Result backends are not configured');
  const { found, absent } = await reached(results.read([id]));
  const value = found.get(id);
  if (value === undefined) {
    if (absent.has(id)) return { 'task-id': id, state: 'PENDING' };
    throw new FlowerError(503, UNAVAILABLE);
  }
  const { status: state, result, exception, traceback } = parseResult(value);
  if (state === 'FAILURE') return { 'task-id': id, state, result: exception, traceback };
  return { 'task-id': id, state, ...(READY.includes(state) ? { result: result ?? exception } : {}) };
}
