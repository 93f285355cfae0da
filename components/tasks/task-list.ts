/** The list of tasks as the reader sees it: alive at its top, standing still once they have scrolled away. Pure. */
import type { TaskPage } from '#lib/contract/tasks.ts';
import type { Task } from '#lib/model/task.ts';

/**
 * The rows. `anchor` is the first page as it was when the reader left the top (null = they are there), `head` the first
 * page as it is now, `older` the pages after the anchor. A row keeps its place; what is known of it may change.
 */
export function rowsOf(
  anchor: TaskPage | null,
  head: TaskPage | undefined,
  older: readonly TaskPage[],
): readonly Task[] {
  if (anchor === null) return head?.tasks ?? [];
  const now = new Map(head?.tasks.map((task) => [task.id, task]));
  const rows = new Map<string, Task>();
  for (const { tasks } of [anchor, ...older])
    for (const task of tasks) if (!rows.has(task.id)) rows.set(task.id, now.get(task.id) ?? task);
  return [...rows.values()];
}

/** How many tasks of the first page the reader does not have; `isAll` = the whole page is new, so there may be more. */
export function newerOf(anchor: TaskPage | null, head: TaskPage | undefined): { count: number; isAll: boolean } {
  if (anchor === null || head === undefined) return { count: 0, isAll: false };
  const known = new Set(anchor.tasks.map(({ id }) => id));
  const count = head.tasks.filter(({ id }) => !known.has(id)).length;
  return { count, isAll: count > 0 && count === head.tasks.length && head.next !== null };
}
