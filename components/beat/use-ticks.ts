'use client';
/** What beat sent of late, asked again and again: events of ticks are not in the live model. */
import { useQuery } from '@tanstack/react-query';
import type { BeatTicks } from '#lib/contract/beat.ts';

const URL_OF_TICKS = '/api/v1/beat/ticks';
const AGAIN_MS = 5_000;

/** Why there are no ticks to show. */
export type TicksError = { code: string; detail: string };

type Answer = { ticks: BeatTicks } | { error: TicksError };

async function fetchTicks(signal: AbortSignal): Promise<Answer> {
  const response = await fetch(URL_OF_TICKS, { signal });
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return { ticks: body as BeatTicks };
  const { code, detail } = (body ?? {}) as Partial<TicksError>;
  return {
    error: { code: code ?? String(response.status), detail: detail ?? `the server answered ${response.status}` },
  };
}

/** The newest answer; one that fails is told as `error` or, where no server answered, as the query's own error. */
export function useTicks() {
  return useQuery({
    queryKey: ['beat ticks'],
    queryFn: ({ signal }) => fetchTicks(signal),
    refetchInterval: AGAIN_MS,
  });
}
