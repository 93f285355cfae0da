/** Waiting longer after each failure, never exactly as long as others do. Pure but for the chance that it is given. */

export type BackOff = {
  /** How long (ms) to wait now. */
  next(): number;
  /** All is well again. */
  reset(): void;
};

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** From 0.5 s to 15 s, each time twice as long, less up to half of it by `random` (0 to 1). */
export function createBackOff(random: () => number): BackOff {
  let failures = 0;
  return {
    next() {
      const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
      failures += 1;
      return Math.round(fullMs * (1 - random() / 2));
    },
    reset() {
      failures = 0;
    },
  };
}
