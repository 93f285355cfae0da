/** What stored results say of tasks whose end was missed. Pure. */
import type { Task } from '#lib/model/task.ts';
import { parseResult, type ResultMeta, resultChange } from '#server/celery/results.ts';
import type { TaskChange } from './merge.ts';
import { type Gap, isEndOf, STORED_ENDS, type StoreWord } from './reconcile-plan.ts';
import type { ResultsRead } from './result-reader.ts';

/** The end of a task by what was read, or how much that says without one. `read` null = there is no store, `readAt` is epoch ms. */
export function storeWordOf(
  task: Task,
  read: Pick<ResultsRead, 'found' | 'absent'> | null,
  readAt: number,
): { store: StoreWord; end: TaskChange | null } {
  if (read === null) return { store: 'none', end: null };
  if (read.absent.has(task.id)) return { store: 'absent', end: null };
  const value = read.found.get(task.id);
  const meta = value === undefined ? null : metaOf(value);
  if (meta === null) return { store: 'unread', end: null };
  if (isEndOf(task, meta.status, meta.doneAt)) return { store: 'unfinished', end: resultChange(task.id, meta, readAt) };
  return { store: meta.status === 'RETRY' ? 'retrying' : 'unfinished', end: null };
}

/** The end that a stored result tells, where it lies within this time; null = it tells none. */
export function endedIn(id: string, value: string, { from, to }: Gap): TaskChange | null {
  const meta = metaOf(value);
  if (meta === null || meta.doneAt === null || meta.doneAt < from || meta.doneAt > to) return null;
  return (STORED_ENDS as readonly string[]).includes(meta.status) ? resultChange(id, meta) : null;
}

function metaOf(value: string): ResultMeta | null {
  try {
    return parseResult(value);
  } catch {
    return null;
  }
}
