'use client';
/** Throughput as the API tells it, and what of it to show, in the URL. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryStates } from 'nuqs';
import { useSyncExternalStore } from 'react';
import { ask, isFinal } from '#components/ui/ask.ts';
import type { Throughput } from '#lib/contract/throughput.ts';
import {
  THROUGHPUT_RANGES,
  THROUGHPUT_SPLITS,
  type ThroughputRange,
  type ThroughputSplit,
} from '#lib/model/throughput.ts';
import { routes } from '#lib/routes.ts';

/** How often a range is asked for again (ms). */
const AGAIN_MS: Readonly<Record<ThroughputRange, number>> = { '10m': 5_000, '1h': 10_000, '7d': 60_000 };

/** The points of a range, asked for again and again; while others are read those before stay. */
export function useThroughput(range: ThroughputRange, by: ThroughputSplit) {
  return useQuery({
    queryKey: ['throughput', range, by],
    queryFn: ({ signal }) => ask<Throughput>(`${routes.api.throughput}?range=${range}&by=${by}`, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { error } }) => (isFinal(error) ? false : AGAIN_MS[range]),
  });
}

const PARSERS = {
  /** `off` = no chart. */
  by: parseAsStringLiteral([...THROUGHPUT_SPLITS, 'off'] as const),
  over: parseAsStringLiteral(THROUGHPUT_RANGES).withDefault('10m'),
};

/** What the chart shows (`by` null = it is closed), and how to change that; open unless told on a wide window only. */
export function useThroughputView(first: ThroughputSplit) {
  const [{ by, over }, set] = useQueryStates(PARSERS);
  const isWide = useSyncExternalStore(onWidth, isWideNow, () => false);
  const chosen = by ?? (isWide ? first : 'off');
  return { by: chosen === 'off' ? null : chosen, over, set };
}

const WIDE = '(min-width: 80rem)';

function onWidth(listener: () => void): () => void {
  const query = matchMedia(WIDE);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

function isWideNow(): boolean {
  return matchMedia(WIDE).matches;
}
