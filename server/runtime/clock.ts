/** The clock behind everything that waits: time (epoch ms) and timers, so that tests can move it. */
export type TimerClock = {
  now(): number;
  /** Runs once after the delay; the returned function calls it off. */
  after(delayMs: number, run: () => void): () => void;
};

/** The machine's own clock. */
export function systemClock(): TimerClock {
  return {
    now: () => Date.now(),
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  };
}
