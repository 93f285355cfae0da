/** A clock for tests: it moves only when told. */
import type { TimerClock } from './clock.ts';

export type ManualClock = TimerClock & {
  /** Lets time pass: what is due meanwhile runs when it is due. */
  advance(ms: number): void;
  /** Lets time pass in which nothing runs: what was due comes late. */
  standStill(ms: number): void;
};

/** Starts at `start` (epoch ms). */
export function manualClock(start = 0): ManualClock {
  let now = start;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    after(delayMs, run) {
      const timer = { at: now + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const [next] = timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers = timers.filter((one) => one !== next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = end;
    },
    standStill(ms) {
      now += ms;
    },
  };
}
