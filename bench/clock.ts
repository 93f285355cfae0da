/** The one clock of a bench, and small helpers for waiting. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Epoch milliseconds with a fraction, from a clock that never jumps while the bench runs. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * Asks again and again, `intervalMs` after each answer, until the returned function is called. What `ask` throws is no
 * answer and nothing else: the systems asked are broken on purpose.
 */
export function pollEvery(intervalMs: number, ask: (signal: AbortSignal) => Promise<void>): () => void {
  const stopping = new AbortController();
  const loop = async () => {
    while (!stopping.signal.aborted) {
      try {
        await ask(stopping.signal);
      } catch {
        // No answer.
      }
      await sleep(intervalMs);
    }
  };
  void loop();
  return () => stopping.abort();
}

/** Waits until `isTrue`, looking every `everyMs`; false when that was not so within `limitMs`. */
export async function waitUntil(
  isTrue: () => boolean | Promise<boolean>,
  limitMs: number,
  everyMs = 100,
): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    if (await isTrue()) return true;
    if (performance.now() >= endMs) return false;
    await sleep(everyMs);
  }
}
