'use client';
/** What every page of tasks stands on: the server's clock, and how often to ask again. */
import { useCallback, useRef } from 'react';
import { useLive, useNow } from '#components/live/live-provider.tsx';
import type { Live } from '#components/live/store.ts';
import { isFinal } from '#components/ui/ask.ts';
import type { StreamSecond } from '#lib/contract/stream.ts';

/** How often to ask again (ms) for what changes with every task, while the stream does not tell of tasks. */
export const LIVE_MS = 2_000;
/** … for figures over many tasks. */
export const FIGURES_MS = 5_000;
/** … for what hardly changes. */
export const SLOW_MS = 30_000;

/** How often to ask again, unless the server refused for good. */
export function every(ms: number): (query: { state: { error: Error | null } }) => number | false {
  return ({ state: { error } }) => (isFinal(error) ? false : ms);
}

/** When a task last did anything, by the stream (epoch ms, whole seconds); null = the stream tells of no tasks. */
export function useLastActivity(): number | null {
  return useLive(lastActivity);
}

function lastActivity({ throughput }: Live): number | null {
  if (throughput.length === 0) return null;
  return throughput.findLast(isBusy)?.at ?? 0;
}

function isBusy({ sent, received, started, succeeded, failed, retried, revoked }: StreamSecond): boolean {
  return sent + received + started + succeeded + failed + retried + revoked > 0;
}

/** The server's time (epoch ms) when it is called, to the second; the function stays the same. */
export function useServerClock(): () => number {
  const now = useNow();
  const latest = useRef(now);
  latest.current = now;
  return useCallback(() => latest.current, []);
}
