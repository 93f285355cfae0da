'use client';
/** The filter of the audit, in the URL: a link shows the same writes. */
import { parseAsInteger, parseAsString, useQueryStates } from 'nuqs';

export type WriteFilter = {
  /** Empty = all. */
  actor: string;
  action: string;
  target: string;
  /** Epoch ms; null = open. */
  from: number | null;
  to: number | null;
};

const PARSERS = {
  actor: parseAsString.withDefault(''),
  action: parseAsString.withDefault(''),
  target: parseAsString.withDefault(''),
  from: parseAsInteger,
  to: parseAsInteger,
};

/** The filter, and how to change parts of it (null = back to the default). */
export function useAuditFilter() {
  return useQueryStates(PARSERS);
}

/** The filter as parameters of the API. */
export function auditSearch({ actor, action, target, from, to }: WriteFilter): URLSearchParams {
  const given = Object.entries({ actor, action, target, from, to });
  return new URLSearchParams(
    given.filter(([, value]) => value !== '' && value !== null).map(([name, value]) => [name, String(value).trim()]),
  );
}

/** Whether anything is left out. */
export function isFiltered(view: WriteFilter): boolean {
  return auditSearch(view).size > 0;
}
