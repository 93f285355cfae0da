'use client';
/** Questions to workers: to one when a page needs it, or to all at once. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMay } from '#components/live/use-may.ts';
import type { InspectMethod } from '#lib/contract/control.ts';
import { inspectAll, inspectKey, inspectQuery } from './inspect.ts';

/** Asks a worker as soon as it may be asked; `refetch` asks again. */
export function useInspect(worker: string, method: InspectMethod) {
  const { may } = useMay('worker.inspect');
  return useQuery({ ...inspectQuery(worker, method), enabled: may });
}

/** What a worker answered last; nobody is asked before `refetch`. */
export function useAsked(worker: string, method: InspectMethod) {
  return useQuery({ ...inspectQuery(worker, method), enabled: false });
}

/** Asks many workers with one question to all, each for itself in the list. */
export function useAskAll() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ workers, method }: { workers: readonly string[]; method: InspectMethod }) => {
      const answers = await inspectAll(workers, method, new AbortController().signal);
      for (const [worker, answer] of answers) client.setQueryData(inspectKey(worker, method), answer);
    },
  });
}
