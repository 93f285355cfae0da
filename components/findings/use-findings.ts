'use client';
/** What findings mean in general, and how to say that one is on them. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { writeJson } from '#components/ui/write.ts';
import type { Acknowledge, Acknowledged, FindingCode, FindingsAnswer, Withdraw } from '#lib/contract/findings.ts';
import { routes } from '#lib/routes.ts';

async function ask<T>(url: string, init: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok)
    throw new Error((body as { detail?: string } | null)?.detail ?? `the server answered ${response.status}`);
  return body as T;
}

/** What a code means and what mends it; asked once, when the first finding is opened. */
export function useFindingCode(code: string) {
  const query = useQuery({
    queryKey: ['finding codes'],
    queryFn: ({ signal }) => ask<FindingsAnswer>(routes.api.findings, { signal }).then(({ codes }) => codes),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const codes: Readonly<Record<string, FindingCode>> = query.data ?? {};
  return { query, about: Object.hasOwn(codes, code) ? codes[code] : undefined };
}

type AcknowledgeWish =
  | { method: 'POST'; body: Acknowledge }
  | { method: 'DELETE'; body: Withdraw & { reason: string } };

/** Acknowledges a finding, or withdraws that; what comes of it arrives with the live model. */
export function useAcknowledge() {
  return useMutation({
    mutationFn: ({ method, body }: AcknowledgeWish) =>
      writeJson<Acknowledged>(routes.api.acknowledge, body, { method }),
  });
}
