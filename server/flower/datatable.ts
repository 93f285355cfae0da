/** `/tasks/datatable`: what Flower's own table of tasks asks, in the words of DataTables. */
import type { TaskFilter } from '#lib/contract/tasks.ts';
import type { Task } from '#lib/model/task.ts';
import type { FlowerContext } from './context.ts';
import type { Parameters } from './parameters.ts';
import { type FlowerTask, flowerTask } from './task-object.ts';
import { windowOf } from './task-window.ts';
import { compareTexts, storeOf } from './tasks.ts';
import { flowerJson } from './text.ts';

const ROWS = { default: 10, max: 500 } as const;

/** A page of the table; a search that cannot be read is told in it, as `searchError`. */
export async function tasksTable(context: FlowerContext, given: Parameters): Promise<Response> {
  const draw = given.integer('draw', 0);
  const search = given.text('search[value]');
  const filter: TaskFilter = search === null ? {} : { q: search };
  const now = context.clock();
  const store = storeOf(context);
  const { total: recordsTotal } = await store.counts({}, now);
  try {
    const rows = await windowOf(store, { filter, from: 'newest', ...pageOf(given), order: orderOf(given) }, now);
    const { total: recordsFiltered } = search === null ? { total: recordsTotal } : await store.counts(filter, now);
    return flowerJson({ draw, data: rows.map((task) => flowerTask(task)), recordsTotal, recordsFiltered });
  } catch (error) {
    const { code, message } = error as Error & { code?: unknown };
    if (code !== 'SEARCH_INVALID') throw error;
    return flowerJson({ draw, data: [], recordsTotal, recordsFiltered: 0, searchError: message });
  }
}

function pageOf(given: Parameters): { offset: number; limit: number } {
  const length = given.integer('length', ROWS.default);
  return {
    offset: Math.max(0, given.integer('start', 0)),
    // DataTables asks for all with -1.
    limit: length <= 0 ? ROWS.max : Math.min(length, ROWS.max),
  };
}

type Order = (a: Task, b: Task) => number;

/** By the column that DataTables names; without one, or by one that is none, as the store has them. */
function orderOf(given: Parameters): Order | undefined {
  const index = given.integer('order[0][column]', null);
  const column = index === null ? null : given.text(`columns[${index}][data]`);
  if (column === null) return undefined;
  const sign = given.text('order[0][dir]') === 'asc' ? 1 : -1;
  return (a, b) => sign * compare(valueOf(flowerTask(a), column), valueOf(flowerTask(b), column));
}

function valueOf(task: FlowerTask, column: string): unknown {
  return Object.hasOwn(task, column) ? task[column as keyof FlowerTask] : null;
}

/** What is not told comes first; numbers by size, everything else as text. */
function compare(a: unknown, b: unknown): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return compareTexts(String(a), String(b));
}
