/** One call to the outside: under a time limit, called off by the caller's signal, and with errors that say what was tried. */
import { redact } from '#server/observability/redact.ts';
import type { TimerClock } from '#server/runtime/clock.ts';

/** What a call is made under. */
export type CallLimits = { clock: TimerClock; limitMs: number; signal: AbortSignal };

const LONGEST_ANSWER = 500;

/**
 * Makes the call. `what` names address and command, as a person would type it.
 * @throws Error of code ACTION_FAILED: `<what>: <answer, or why there was none>`, without credentials
 */
export async function outsideCall<T>(
  what: string,
  { clock, limitMs, signal }: CallLimits,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw actionError(what, 'called off before it began');
  const limit = new AbortController();
  const cancel = clock.after(limitMs, () => limit.abort());
  try {
    return await call(AbortSignal.any([signal, limit.signal]));
  } catch (error) {
    if (signal.aborted) throw actionError(what, 'called off before it was answered; it may have been done');
    if (limit.signal.aborted) {
      throw actionError(what, `no answer within ${limitMs / 1_000} s; it may have been done`);
    }
    throw actionError(what, reasonOf(error));
  } finally {
    cancel();
  }
}

/** The error that every verb throws. */
export function actionError(what: string, answer: string): Error {
  const text = redact(`${what}: ${answer.slice(0, LONGEST_ANSWER)}`);
  return Object.assign(new Error(text), { code: 'ACTION_FAILED' });
}

/** `fetch failed` says nothing, what is behind it does. */
export function reasonOf(error: unknown): string {
  let last = error;
  while (last instanceof Error && last.cause instanceof Error) last = last.cause;
  if (last instanceof AggregateError && last.errors.length > 0) return last.errors.map(reasonOf).join('; ');
  if (!(last instanceof Error)) return String(last);
  return last.message || last.name;
}

/** `address:port` taken apart; brackets of an IPv6 address are left out. */
export function hostAndPort(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}
