/** Whole lists, page by page. */
import { TASK_LIMIT, type TaskFilter, type TaskSort } from '#lib/contract/tasks.ts';
import type { Task } from '#lib/model/task.ts';
import type { TaskReader } from './store.ts';

/** All that match, each page read when it is asked for; `rowsMax` tasks at most. @throws as `TaskReader.tasks` */
export async function* taskPages(
  reader: Pick<TaskReader, 'tasks'>,
  filter: TaskFilter & { sort?: TaskSort },
  now: number,
  rowsMax = Number.POSITIVE_INFINITY,
): AsyncGenerator<readonly Task[], undefined> {
  let after: string | null = null;
  let given = 0;
  do {
    const limit = Math.min(TASK_LIMIT.max, rowsMax - given);
    const cursor: { after?: string } = after === null ? {} : { after };
    const page = await reader.tasks({ sort: 'newest', ...filter, limit, ...cursor }, now);
    // A page may be empty where little matches; there may be more behind it.
    if (page.tasks.length > 0) yield page.tasks;
    given += page.tasks.length;
    after = page.next;
  } while (after !== null && given < rowsMax);
}
