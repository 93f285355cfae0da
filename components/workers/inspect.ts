/** A question to one worker, and what it answered. */
import { ask } from '#components/ui/ask.ts';
import { EVERY_WORKER, type InspectAnswer, type InspectMethod } from '#lib/contract/control.ts';
import { isRecord } from '#lib/format/worker-reply.ts';
import { routes } from '#lib/routes.ts';

/** `refused` = why it would not tell. Times are epoch ms of the server. */
export type Answer = {
  reply: unknown;
  isSilent: boolean;
  refused: string | null;
  askedAt: number;
  /** How long it was waited for. */
  tookMs: number;
  /** It was asked alone, so that the time is its own. */
  isAlone: boolean;
};

/** The question as TanStack Query asks it; the answer stays until it is asked again. */
export function inspectQuery(worker: string, method: InspectMethod) {
  return {
    queryKey: inspectKey(worker, method),
    queryFn: async ({ signal }: { signal: AbortSignal }) =>
      answerOf(await inspect(worker, method, signal), worker, true),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  };
}

/** Where the answer of a worker is kept. */
export function inspectKey(worker: string, method: InspectMethod): readonly string[] {
  return ['inspect', worker, method];
}

/** Asks all workers at once, and gives what each of these said. @throws AskError */
export async function inspectAll(
  workers: readonly string[],
  method: InspectMethod,
  signal: AbortSignal,
): Promise<readonly (readonly [worker: string, answer: Answer])[]> {
  const answer = await inspect(EVERY_WORKER, method, signal);
  return workers.map((worker) => [worker, answerOf(answer, worker, false)]);
}

function inspect(worker: string, method: InspectMethod, signal: AbortSignal): Promise<InspectAnswer> {
  return ask<InspectAnswer>(`${routes.api.workers}/${encodeURIComponent(worker)}/inspect?method=${method}`, signal);
}

function answerOf({ replies, askedAt, tookMs }: InspectAnswer, worker: string, isAlone: boolean): Answer {
  const isSilent = !Object.hasOwn(replies, worker);
  const reply = isSilent ? null : replies[worker];
  const error = isRecord(reply) ? reply.error : undefined;
  return { reply, isSilent, refused: typeof error === 'string' ? error : null, askedAt, tookMs, isAlone };
}
