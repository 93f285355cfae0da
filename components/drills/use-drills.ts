'use client';
/** What the pages of drills ask and begin: the catalog, a plan, runs. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useLive } from '#components/live/live-provider.tsx';
import { AskError, ask, isFinal } from '#components/ui/ask.ts';
import { writeJson } from '#components/ui/write.ts';
import type { DrillPlanAnswer, DrillsAnswer, RunAnswer, RunsAnswer, StartRun } from '#lib/contract/drills.ts';
import { isUnderWay } from '#lib/format/drill.ts';
import { parseOverview } from '#lib/format/drill-overview.ts';
import type { DrillId, Run } from '#lib/model/drill.ts';
import { routes } from '#lib/routes.ts';

const CATALOG_MS = 5_000;
const PLAN_MS = 1_000;
const RUN_MS = 1_000;
/** The stream tells how a run goes on; the question is for when it does not. */
const RUN_STREAMED_MS = 5_000;
const OVERVIEW_MS = 300_000;

const runAddress = (id: string) => `${routes.api.runs}/${encodeURIComponent(id)}`;

/** Every drill: its targets, why it is off, its last run and how its outages were. */
export function useDrills() {
  return useQuery({
    queryKey: ['drills'],
    queryFn: ({ signal }) => ask<DrillsAnswer>(routes.api.drills, signal),
    refetchInterval: CATALOG_MS,
  });
}

/** The runs of a drill, newest first; null = of every drill. */
export function useRuns(drill: DrillId | null) {
  return useQuery({
    queryKey: ['runs', 'list', drill],
    queryFn: ({ signal }) =>
      ask<RunsAnswer>(drill === null ? routes.api.runs : `${routes.api.runs}?drill=${drill}`, signal),
    refetchInterval: CATALOG_MS,
  });
}

/** The plan of a drill against a target, made anew every second; `target` undefined = not chosen yet. */
export function usePlan(drill: DrillId, target: string | null | undefined) {
  return useQuery({
    queryKey: ['plan', drill, target ?? null],
    queryFn: ({ signal }) => askPlan(drill, target ?? null, signal),
    enabled: target !== undefined,
    refetchInterval: PLAN_MS,
    // A refusal passes with what it is about.
    retry: false,
  });
}

/** A dry run: nothing is changed by it, so it needs no key and no reason. */
async function askPlan(drill: DrillId, target: string | null, signal: AbortSignal): Promise<DrillPlanAnswer> {
  const response = await fetch(`${routes.api.drills}/${drill}/plan`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ target }),
    signal,
  });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new AskError(response.status, body as { code?: string } | null);
  return body as DrillPlanAnswer;
}

/** Starts a run; gives its id. */
export function useStartRun() {
  return useMutation({
    mutationFn: (wish: StartRun & { reason: string }) => writeJson<RunAnswer>(routes.api.runs, wish),
  });
}

/** A run with its report: from the stream while it goes on, asked for again when it ended. */
export function useRun(id: string) {
  const live = useLive(({ run }) => run);
  const isStreamed = useLive(({ stream, run }) => stream === 'live' && run?.id === id);
  const query = useQuery({
    queryKey: ['runs', 'one', id],
    queryFn: ({ signal }) => ask<RunAnswer>(runAddress(id), signal),
    refetchInterval: ({ state: { data, error } }) => {
      if (isFinal(error) || data?.run.state === 'ended') return false;
      return isStreamed ? RUN_STREAMED_MS : RUN_MS;
    },
  });
  const { refetch } = query;
  // Told again when what it changed is known, which may be later than its end.
  const over = isStreamed && live !== null && !isUnderWay(live) ? live : null;
  useEffect(() => {
    if (over !== null) void refetch();
  }, [over, refetch]);
  const asked = query.data?.run;
  const isNewer = isStreamed && live !== null && asked?.state !== 'ended';
  return { query, run: isNewer ? live : (asked ?? null), answer: query.data ?? null };
}

/** Another run, to be read beside the first; null = none. */
export function useOtherRun(id: string | null) {
  return useQuery({
    queryKey: ['runs', 'one', id ?? ''],
    queryFn: ({ signal }) => ask<RunAnswer>(runAddress(id ?? ''), signal),
    enabled: id !== null,
  });
}

/** Ends a run early and takes back what it did; the mutation takes the reason. */
export function useAbortRun(id: string) {
  return useRunWrite(id, 'abort');
}

/** Takes back what a lost run left; the mutation takes the reason. */
export function useUndoRun(id: string) {
  return useRunWrite(id, 'undo');
}

function useRunWrite(id: string, verb: 'abort' | 'undo') {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) => writeJson(`${runAddress(id)}/${verb}`, { reason }),
    onSettled: () => client.invalidateQueries({ queryKey: ['runs'] }),
  });
}

/** A highly available estate beside a single broker and Redis; null = nobody measured it yet. */
export function useOverview() {
  return useQuery({
    queryKey: ['drills', 'overview'],
    queryFn: ({ signal }) => ask<unknown>(routes.api.drillOverview, signal).then(parseOverview),
    staleTime: OVERVIEW_MS,
  });
}

/** The run that is under way or was lost; null = none. From the stream where it tells, else as it was asked for. */
export function useActiveRun(): Run | null {
  const live = useLive(({ run }) => run);
  const { data } = useDrills();
  const asked = data?.active ?? null;
  if (live === null || (asked !== null && asked.id !== live.id)) return asked;
  return live.state === 'ended' ? null : live;
}
