'use client';
/** An operation that was begun: how far it is, asked again until it ended. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { ask } from '#components/ui/ask.ts';
import { writeJson } from '#components/ui/write.ts';
import type { Operation, OperationAnswer } from '#lib/contract/control.ts';
import { routes } from '#lib/routes.ts';

const AGAIN_MS = 500;

const addressOf = (id: string) => `${routes.api.operations}/${encodeURIComponent(id)}`;

/** The operation as it is now; `begun` = as it was when it began. */
export function useOperation(begun: Operation) {
  return useQuery({
    queryKey: ['operation', begun.id],
    queryFn: ({ signal }) => ask<OperationAnswer>(addressOf(begun.id), signal).then(({ operation }) => operation),
    initialData: begun,
    // It is not asked about anew by another part of the page, nor once it is over.
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state: { data } }) => (data !== undefined && data.endedAt !== null ? false : AGAIN_MS),
  });
}

/** Begins one. */
export function useBegin(url: string) {
  return useMutation({
    mutationFn: (body: object) => writeJson<OperationAnswer>(url, body).then(({ operation }) => operation),
  });
}

/** Ends one early: no more is done. */
export function useAbort(id: string) {
  return useMutation({
    mutationFn: () => writeJson(`${addressOf(id)}/abort`, { reason: 'stopped by the one who watched it' }),
  });
}
