/** When Trellis itself stood still: a busy or frozen machine runs no timers, and then it sees nothing of anybody else either. */
import type { TimerClock } from '#server/runtime/clock.ts';

const EVERY_MS = 50;
/** A timer that is late by less is only next in the queue. */
const LATE_MS = 50;

/** Tells of each time (epoch ms) once it is over, until the returned function is called. */
export function watchStill(clock: TimerClock, onStill: (from: number, to: number) => void): () => void {
  let cancel = () => {};
  const next = (dueAt: number) => {
    cancel = clock.after(EVERY_MS, () => {
      const now = clock.now();
      if (now - dueAt > LATE_MS) onStill(dueAt, now);
      next(now + EVERY_MS);
    });
  };
  next(clock.now() + EVERY_MS);
  return () => cancel();
}
