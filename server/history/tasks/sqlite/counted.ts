/** Whether the counts that are kept anyway answer a filter, and which of them. */
import type { TaskFilter } from '#lib/contract/tasks.ts';
import type { Dictionary } from './dictionary.ts';
import { DIMENSIONS } from './rollups.ts';

/** Rows of `rollups`: these words of one dimension. */
export type Kept = { dimension: number; words: readonly number[] };

/** The kept counts of a filter; its state is left to who asks. null = none are: tasks have to be looked at. */
export function keptOf(filter: TaskFilter, words: Dictionary): readonly Kept[] | null {
  const { name, worker, queue, exception, root, q, canaries } = filter;
  if (exception !== undefined || root !== undefined || (q ?? '').trim() !== '') return null;
  const narrowed = (['name', 'worker', 'queue'] as const).filter((column) => filter[column] !== undefined);
  const [column] = narrowed;
  const wanted = name ?? worker ?? queue;
  if (column === undefined || wanted === undefined) {
    const all = { dimension: DIMENSIONS.all, words: [0] };
    return canaries === undefined ? [all] : [all, { dimension: DIMENSIONS.canary, words: [0] }];
  }
  // Canaries are not counted by name, worker or queue.
  if (narrowed.length > 1 || canaries !== undefined) return null;
  return [{ dimension: DIMENSIONS[column], words: words.idsOf(column, wanted) }];
}
