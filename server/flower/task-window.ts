/** Flower's lists of tasks, by offset and in any order, from a store that is read page by page. */
import { TASK_LIMIT, type TaskFilter, type TaskSort } from '#lib/contract/tasks.ts';
import type { Task } from '#lib/model/task.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';

/** So many tasks are looked at for one answer; Flower holds them all in memory, Trellis has millions. */
export const WINDOW_TASKS = 10_000;

export type WindowWish = {
  filter: TaskFilter;
  /** Which end of the store is looked at first. */
  from: Extract<TaskSort, 'newest' | 'oldest'>;
  /** What the store cannot be asked for. */
  keep?(task: Task): boolean;
  /** Any other order than that of the store: the window is then read whole. */
  order?: ((a: Task, b: Task) => number) | undefined;
  offset: number;
  /** null = as many as the window has. */
  limit: number | null;
};

/** The tasks of one answer, of the first `WINDOW_TASKS` that match. @throws as TaskReader */
export async function windowOf(tasks: TaskReader, wish: WindowWish, now: number): Promise<readonly Task[]> {
  const { filter, from, keep = () => true, order, offset, limit } = wish;
  const end = limit === null ? WINDOW_TASKS : Math.min(WINDOW_TASKS, offset + limit);
  // Sorted otherwise, the first may stand at the end of what is read.
  const wanted = order === undefined ? end : WINDOW_TASKS;
  const found: Task[] = [];
  let after: string | undefined;
  for (let read = 0; found.length < wanted && read < WINDOW_TASKS; ) {
    const cursor = after === undefined ? {} : { after };
    const page = await tasks.tasks({ ...filter, ...cursor, sort: from, limit: pageSize(wanted, found.length) }, now);
    found.push(...page.tasks.filter(keep));
    read += page.tasks.length;
    if (page.next === null || page.tasks.length === 0) break;
    after = page.next;
  }
  if (order !== undefined) found.sort(order);
  return found.slice(offset, end);
}

function pageSize(wanted: number, found: number): number {
  return Math.min(TASK_LIMIT.max, Math.max(1, wanted - found));
}
