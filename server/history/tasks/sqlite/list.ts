/** Pages of tasks. */
import type { TaskPage, TaskQuery } from '#lib/contract/tasks.ts';
import type { Task } from '#lib/model/task.ts';
import { cursorOf, readCursor } from './cursor.ts';
import { type Asking, askingOf } from './filter.ts';
import type { Patience } from './patience.ts';
import { readRecords } from './records.ts';
import { slowestPage } from './slowest.ts';
import type { Asked } from './sql.ts';
import { idsOf } from './ways.ts';
import { existing, type Window, windowsOf } from './windows.ts';

/** Nothing at all is worse than a little later. */
const EMPTY_PATIENCE = 4;

/** One page. @throws SearchError; Error with code CURSOR_INVALID */
export function pageOf(asked: Asked, query: TaskQuery, now: number, patience: Patience): TaskPage {
  const asking = askingOf(asked, query);
  const { tasks, next } =
    query.sort === 'slowest' ? slowestPage(asked, asking, query, patience) : pageByTime(asked, asking, query, patience);
  return { now, tasks, next };
}

type Page = { tasks: Task[]; next: string | null };

function pageByTime(asked: Asked, asking: Asking, query: TaskQuery, patience: Patience): Page {
  const direction = query.sort === 'oldest' ? 'oldest' : 'newest';
  const span = spanOf(asked, asking, query);
  const order = direction === 'newest' ? 'desc' : 'asc';
  const ids = asked.bounded(idsOf(asking.way, asking.condition, order));
  const records = readRecords(asked);
  const startedAt = patience.clock();
  const tasks: Task[] = [];
  let last = 0;
  for (const { low, high } of windowsOf(span, direction, patience.clock)) {
    for (const row of ids.iterate(low, high)) {
      const id = Number(row.id);
      const task = records.task(id);
      if (asking.isMatch?.(task) === false) continue;
      if (tasks.length === query.limit) return { tasks, next: cursorOf({ id: last }) };
      tasks.push(task);
      last = id;
    }
    const edge = direction === 'newest' ? low : high;
    const isDone = direction === 'newest' ? low <= span.low : high >= span.high;
    const limitMs = patience.limitMs * (tasks.length === 0 ? EMPTY_PATIENCE : 1);
    if (!isDone && patience.clock() - startedAt > limitMs) return { tasks, next: cursorOf({ id: edge }) };
  }
  return { tasks, next: null };
}

/** The ids that there are, from where the page before ended. */
function spanOf(asked: Asked, asking: Asking, { sort, after }: TaskQuery): Window {
  const { low, high } = existing(asked, asking);
  if (after === undefined) return { low, high };
  const { id } = readCursor(after);
  return sort === 'oldest' ? { low: Math.max(low, id + 1), high } : { low, high: Math.min(high, id - 1) };
}
