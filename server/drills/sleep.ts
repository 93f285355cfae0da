/** Waiting by a clock that tests can move. */
import type { TimerClock } from '#server/runtime/clock.ts';

/** Waits for so long; ends early, without an error, when the signal aborts. */
export function sleeper(clock: TimerClock): (ms: number, signal: AbortSignal) => Promise<void> {
  return (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = clock.after(ms, done);
      signal.addEventListener('abort', done, { once: true });
    });
}

/**
 * What was told to stop gets so long to come to its end: it must not reach the estate after it was taken back. Longer than a
 * command that kills is waited for.
 */
const SETTLE_MS = 15_000;

/** Does the work within `limitMs`, by the clock; what is not done by then is told to stop, and fails with `late`. */
export async function within<T>(
  clock: TimerClock,
  limitMs: number,
  outer: AbortSignal,
  late: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const cancel = clock.after(limitMs, () => limit.abort(new Error(late)));
  const signal = AbortSignal.any([outer, limit.signal]);
  const working = work(signal);
  try {
    return await Promise.race([working, aborted(signal)]);
  } catch (error) {
    const giveUp = new AbortController();
    await Promise.race([settled(working), sleeper(clock)(SETTLE_MS, giveUp.signal)]);
    giveUp.abort();
    throw error;
  } finally {
    cancel();
    // Whoever still waits for the signal is let go.
    limit.abort(new Error(late));
  }
}

function settled(work: Promise<unknown>): Promise<void> {
  return work.then(
    () => {},
    () => {},
  );
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
