'use client';
/** What the pages of tasks ask: the list page by page, counts, activity, failures, suggestions, one task. */
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ask, isFinal } from '#components/ui/ask.ts';
import type {
  TaskActivity,
  TaskAnswer,
  TaskCounts,
  TaskFailures,
  TaskPage,
  TaskSuggestions,
} from '#lib/contract/tasks.ts';
import type { Timeline } from '#lib/contract/timeline.ts';
import { isEnded, type Task } from '#lib/model/task.ts';
import { routes } from '#lib/routes.ts';
import { every, FIGURES_MS, LIVE_MS, SLOW_MS, useLastActivity, useServerClock } from './asking-again.ts';
import { filterSearch, type TaskView } from './filter.ts';
import { DEFAULT_RANGE, reachesNow } from './range.ts';
import { newerOf, rowsOf } from './task-list.ts';

const PAGE = 100;
const BUCKETS = 60;
const TRANSITIONS = 50;

/** The list under a filter: what to show, and how it is told that the reader scrolled. */
export function useTaskList(view: TaskView) {
  const clock = useServerClock();
  const client = useQueryClient();
  const activeAt = useLastActivity();
  const isLive = reachesNow(view, clock());
  const key = JSON.stringify(view);
  const [left, setLeft] = useState<{ key: string; page: TaskPage } | null>(null);
  // What stood still under another filter is of no use under this one, nor once that one is chosen again.
  if (left !== null && left.key !== key) setLeft(null);
  const anchor = left?.key === key ? left.page : null;
  const fetchPage = (after: string | null, signal: AbortSignal) => {
    const search = filterSearch(view, clock());
    search.set('limit', String(PAGE));
    search.set('sort', view.sort);
    return wholePage(search, after, signal);
  };
  const head = useQuery({
    queryKey: ['tasks', 'head', key],
    queryFn: ({ signal }) => fetchPage(null, signal),
    placeholderData: keepPreviousData,
    refetchInterval: every(!isLive ? SLOW_MS : activeAt === null ? LIVE_MS : FIGURES_MS),
  });
  const { refetch } = head;
  const newsAt = isLive && !isFinal(head.error) ? activeAt : null;
  useEffect(() => {
    // A question that is still under way is not asked anew: a slow store would never answer.
    if (newsAt !== null && !document.hidden) void refetch({ cancelRefetch: false });
  }, [newsAt, refetch]);
  const older = useInfiniteQuery({
    queryKey: ['tasks', 'older', key, anchor?.next ?? null],
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
    initialPageParam: anchor?.next ?? '',
    getNextPageParam: (page) => page.next,
    enabled: anchor !== null && anchor.next !== null,
    // The pages behind the first stand still: a row that came between would move all below it.
    staleTime: Number.POSITIVE_INFINITY,
  });
  // Pages of a place that was left are not asked for again.
  useEffect(() => {
    if (anchor === null) client.removeQueries({ queryKey: ['tasks', 'older', key] });
  }, [anchor, client, key]);
  const pages = anchor === null ? [] : (older.data?.pages ?? []);
  return {
    head,
    older,
    rows: rowsOf(anchor, head.data, pages),
    newer: newerOf(anchor, head.data),
    /** When the list began to stand still (epoch ms); null = it is alive. */
    stillSince: anchor?.now ?? null,
    leaveTop: () => head.data !== undefined && !head.isPlaceholderData && setLeft({ key, page: head.data }),
    backToTop: () => setLeft(null),
  };
}

/** A page as long as it was asked for: a search that takes long is answered in parts, some of them empty. */
async function wholePage(search: URLSearchParams, after: string | null, signal: AbortSignal): Promise<TaskPage> {
  const tasks: Task[] = [];
  for (let from = after; ; ) {
    if (from !== null) search.set('after', from);
    const page = await ask<TaskPage>(`${routes.api.tasks}?${search}`, signal);
    tasks.push(...page.tasks);
    if (page.next === null || tasks.length >= PAGE) return { ...page, tasks };
    from = page.next;
  }
}

/** How many tasks match, by state; whatever states the filter names, all are counted. */
export function useTaskCounts(view: TaskView) {
  const clock = useServerClock();
  const everyState = { ...view, state: [] };
  return useQuery({
    queryKey: ['tasks', 'counts', JSON.stringify({ ...everyState, sort: null })],
    queryFn: ({ signal }) => ask<TaskCounts>(`${routes.api.taskCounts}?${filterSearch(everyState, clock())}`, signal),
    placeholderData: keepPreviousData,
    refetchInterval: every(FIGURES_MS),
  });
}

/** Tasks over time under the filter; over the last hour where no time is chosen. */
export function useTaskActivity(view: TaskView) {
  const clock = useServerClock();
  const hasTime = view.range !== null || view.from !== null;
  const shown: TaskView = hasTime ? view : { ...view, range: view.to === null ? DEFAULT_RANGE : null };
  return useQuery({
    queryKey: ['tasks', 'activity', JSON.stringify({ ...shown, sort: null })],
    queryFn: ({ signal }) => {
      const search = filterSearch(shown, clock());
      search.set('buckets', String(BUCKETS));
      return ask<TaskActivity>(`${routes.api.taskActivity}?${search}`, signal);
    },
    placeholderData: keepPreviousData,
    refetchInterval: every(reachesNow(shown, clock()) ? FIGURES_MS : SLOW_MS),
  });
}

/** Failed tasks by exception and name under the filter. */
export function useTaskFailures(view: TaskView) {
  const clock = useServerClock();
  return useQuery({
    queryKey: ['tasks', 'failures', JSON.stringify({ ...view, sort: null })],
    queryFn: ({ signal }) => ask<TaskFailures>(`${routes.api.taskFailures}?${filterSearch(view, clock())}`, signal),
    placeholderData: keepPreviousData,
    refetchInterval: every(FIGURES_MS),
  });
}

/** What can be filtered by. */
export function useTaskSuggestions() {
  return useQuery({
    queryKey: ['tasks', 'suggestions'],
    queryFn: ({ signal }) => ask<TaskSuggestions>(routes.api.taskSuggestions, signal),
    refetchInterval: every(SLOW_MS),
  });
}

/** One task with its workflow; asked again while any of it may still change. */
export function useTask(id: string) {
  return useQuery({
    queryKey: ['tasks', 'one', id],
    queryFn: ({ signal }) => ask<TaskAnswer>(`${routes.api.tasks}/${encodeURIComponent(id)}`, signal),
    refetchInterval: ({ state: { data } }) =>
      data === undefined || data.workflow.every(({ state }) => isEnded(state)) ? FIGURES_MS : LIVE_MS,
  });
}

/** What the estate did in a stretch of time (epoch ms). */
export function useEstateIn({ from, to }: { from: number; to: number }) {
  const search = new URLSearchParams({ limit: String(TRANSITIONS), from: String(from), to: String(to) });
  return useQuery({
    queryKey: ['timeline', from, to],
    queryFn: ({ signal }) => ask<Timeline>(`${routes.api.timeline}?${search}`, signal),
    placeholderData: keepPreviousData,
    staleTime: FIGURES_MS,
  });
}
