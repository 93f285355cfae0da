'use client';
/** What a retry of a task would do, asked when its dialog opens; nothing is published by asking. */
import { useQuery } from '@tanstack/react-query';
import { ask } from '#components/ui/ask.ts';
import type { RetryPlan } from '#lib/contract/control.ts';
import { routes } from '#lib/routes.ts';

/** `queue` = instead of the task's own; empty = that. */
export function useRetryPlan(id: string, queue = '') {
  const search = queue === '' ? '' : `?${new URLSearchParams({ queue })}`;
  return useQuery({
    queryKey: ['retry-plan', id, queue],
    queryFn: ({ signal }) => ask<RetryPlan>(`${routes.api.tasks}/${encodeURIComponent(id)}/retry${search}`, signal),
    // A plan is about now: one of an earlier dialog is no ground to act on.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
