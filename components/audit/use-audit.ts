'use client';
/** Pages of the audit under a filter, the newest asked for again and again. */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { AuditAnswer } from '#lib/contract/audit.ts';
import { routes } from '#lib/routes.ts';
import { auditSearch, type WriteFilter } from './filter.ts';

const PAGE = 100;
const AGAIN_MS = 5_000;

async function fetchPage(view: WriteFilter, before: number | null, signal: AbortSignal): Promise<AuditAnswer> {
  const search = auditSearch(view);
  search.set('limit', String(PAGE));
  if (before !== null) search.set('before', String(before));
  const response = await fetch(`${routes.api.audit}?${search}`, { signal });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok)
    throw new Error((body as { detail?: string } | null)?.detail ?? `the server answered ${response.status}`);
  return body as AuditAnswer;
}

/** The entries under a filter, newest first, and what is known of the chain. */
export function useAudit(view: WriteFilter) {
  const query = useInfiniteQuery({
    queryKey: ['audit', view],
    queryFn: ({ pageParam, signal }) => fetchPage(view, pageParam, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: AGAIN_MS,
  });
  const pages = query.data?.pages ?? [];
  return { query, entries: pages.flatMap((page) => page.entries), chain: pages[0]?.chain ?? null };
}
