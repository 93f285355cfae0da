'use client';
/** Pages of the stored timeline, and in front of them what came live since. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useLive } from '#components/live/live-provider.tsx';
import type { Timeline } from '#lib/contract/timeline.ts';
import { routes } from '#lib/routes.ts';
import type { TimelineFilter } from './filter.ts';

const PAGE = 100;

async function fetchPage(filter: TimelineFilter, before: number | null, signal: AbortSignal): Promise<Timeline> {
  const search = new URLSearchParams({ limit: String(PAGE) });
  for (const code of filter.codes) search.append('code', code);
  if (filter.from !== null) search.set('from', String(filter.from));
  if (filter.to !== null) search.set('to', String(filter.to));
  if (filter.subject !== '') search.set('subject', filter.subject);
  if (before !== null) search.set('before', String(before));
  const response = await fetch(`${routes.api.timeline}?${search}`, { signal });
  const body = await response.json();
  if (!response.ok) throw new Error((body as { detail?: string }).detail ?? `the server answered ${response.status}`);
  return body as Timeline;
}

/** The timeline under a filter. */
export function useTimeline(filter: TimelineFilter) {
  const live = useLive((one) => one.transitions);
  const query = useInfiniteQuery({
    queryKey: ['timeline', filter],
    queryFn: ({ pageParam, signal }) => fetchPage(filter, pageParam, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
    // What is new comes by the stream.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const pages = query.data?.pages ?? [];
  const transitions = [
    ...pages.flatMap((page) => page.transitions),
    ...live.filter(
      ({ code, subject, at }) =>
        (filter.codes.length === 0 || filter.codes.includes(code)) &&
        (filter.subject === '' || subject.id === filter.subject) &&
        at >= (filter.from ?? 0) &&
        at <= (filter.to ?? Number.POSITIVE_INFINITY) &&
        // Older ones are on a page that was not loaded yet.
        at >= (pages.at(-1)?.transitions[0]?.at ?? 0),
    ),
  ];
  return { query, transitions, blind: pages.flatMap((page) => page.blind), history: pages[0]?.history };
}
