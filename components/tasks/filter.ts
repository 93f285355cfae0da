'use client';
/** What to show of the tasks, in the URL: a link shows the same list. The same names as the API's parameters. */
import {
  type inferParserType,
  parseAsInteger,
  parseAsNativeArrayOf,
  parseAsString,
  parseAsStringLiteral,
  useQueryStates,
} from 'nuqs';
import { SEARCH_LIMIT, TASK_SORTS, type TaskFilter } from '#lib/contract/tasks.ts';
import { TASK_STATES } from '#lib/model/task.ts';
import { endsOf, RANGES } from './range.ts';

const words = parseAsNativeArrayOf(parseAsString).withDefault([]);

/** How each part of the filter stands in the URL. */
export const FILTER_PARSERS = {
  /** Flower's query language; empty = none. */
  q: parseAsString.withDefault(''),
  /** Empty = all, here and below. */
  state: parseAsNativeArrayOf(parseAsStringLiteral(TASK_STATES)).withDefault([]),
  name: words,
  worker: words,
  queue: words,
  exception: words,
  /** Id of the workflow's first task; empty = any. */
  root: parseAsString.withDefault(''),
  /** A stretch that slides with the clock; it wins over `from` and `to` (epoch ms). */
  range: parseAsStringLiteral(RANGES),
  from: parseAsInteger,
  to: parseAsInteger,
  canaries: parseAsStringLiteral(['1']),
  sort: parseAsStringLiteral(TASK_SORTS).withDefault('newest'),
};
export type TaskView = inferParserType<typeof FILTER_PARSERS>;

/** The filter, and how to change parts of it (null = back to the default). */
export function useTaskView() {
  return useQueryStates(FILTER_PARSERS);
}

/** Something is chosen besides the order and the canaries. */
export function isFiltered(view: TaskView): boolean {
  const { q, root, range, from, to } = view;
  const lists = [view.state, view.name, view.worker, view.queue, view.exception];
  return (
    q !== '' || root !== '' || range !== null || from !== null || to !== null || lists.some(({ length }) => length > 0)
  );
}

/** What takes every choice back. */
export const NO_FILTER = {
  ...{ q: null, state: null, name: null, worker: null, queue: null, exception: null },
  ...{ root: null, range: null, from: null, to: null },
} as const;

/** The filter's part of a question to the API at `now`; a sliding stretch is fixed then. */
export function filterSearch(view: TaskView, now: number): URLSearchParams {
  const search = new URLSearchParams();
  if (view.q.trim() !== '') search.set('q', view.q.slice(0, SEARCH_LIMIT));
  for (const list of ['state', 'name', 'worker', 'queue', 'exception'] as const)
    for (const one of view[list]) search.append(list, one);
  if (view.root !== '') search.set('root', view.root);
  const { from, to } = endsOf(view, now);
  if (from !== null) search.set('from', String(from));
  if (to !== null) search.set('to', String(to));
  if (view.canaries !== null) search.set('canaries', view.canaries);
  return search;
}

/** The filter as the body of a request at `now`; a sliding stretch is fixed then. */
export function filterBody(view: TaskView, now: number): TaskFilter {
  const { from, to } = endsOf(view, now);
  const q = view.q.trim() === '' ? {} : { q: view.q.slice(0, SEARCH_LIMIT) };
  const lists = (['state', 'name', 'worker', 'queue', 'exception'] as const).filter((list) => view[list].length > 0);
  return {
    ...q,
    ...Object.fromEntries(lists.map((list) => [list, view[list]])),
    ...(view.root === '' ? {} : { root: view.root }),
    ...(from === null ? {} : { from }),
    ...(to === null ? {} : { to }),
    ...(view.canaries === null ? {} : { canaries: view.canaries }),
  };
}
