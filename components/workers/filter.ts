'use client';
/** What to show of the workers, in the URL: a link shows the same list. */
import { parseAsNativeArrayOf, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { WORKER_STATES, type WorkerFilter } from '#lib/format/worker.ts';

const PARSERS = {
  /** Part of a name, host, queue or broker node. */
  q: parseAsString.withDefault(''),
  /** Empty = all, here and below. */
  state: parseAsNativeArrayOf(parseAsStringLiteral(WORKER_STATES)).withDefault([]),
  queue: parseAsString.withDefault(''),
  host: parseAsString.withDefault(''),
  /** Also those that are gone for more than an hour. */
  archived: parseAsStringLiteral(['1']),
  /** Groups that are open. */
  open: parseAsNativeArrayOf(parseAsString).withDefault([]),
  /** The column; `-` in front = descending. */
  sort: parseAsString.withDefault('worker'),
};

/** The filter, and how to change parts of it (null = back to the default). */
export function useWorkersFilter() {
  return useQueryStates(PARSERS);
}

export type WorkersView = ReturnType<typeof useWorkersFilter>[0];

/** What takes every choice back. */
export const NO_FILTER = { q: null, state: null, queue: null, host: null } as const;

/** The filter as the rows are narrowed by it. */
export function filterOf({ q, state, queue, host, archived }: WorkersView): WorkerFilter {
  return { q, state, queue, host, archived: archived !== null };
}

/** Something is chosen besides the order and the archive. */
export function isFiltered({ q, state, queue, host }: WorkersView): boolean {
  return q.trim() !== '' || state.length > 0 || queue !== '' || host !== '';
}
