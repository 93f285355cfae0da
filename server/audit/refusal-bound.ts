/** How many refused writes are noted: enough to see an attempt, too few to fill the disk with it. */

const BURST = 30;
/** One more may be noted after each of these. */
const EACH_MS = 10_000;

export type RefusalBound = {
  /** How many went unnoted since the last that was noted; null = this one is not noted either. `now` is epoch ms. */
  take(now: number): number | null;
};

/** A bound that lets a burst through, and then one every ten seconds. */
export function createRefusalBound(): RefusalBound {
  let left = BURST;
  let filledAt: number | null = null;
  let unnoted = 0;
  return {
    take(now) {
      // A clock that goes back gives nothing, and takes nothing.
      const earned = Math.max(0, Math.floor((now - (filledAt ?? now)) / EACH_MS));
      left = Math.min(BURST, left + earned);
      filledAt = filledAt === null || now < filledAt ? now : filledAt + earned * EACH_MS;
      if (left === 0) {
        unnoted += 1;
        return null;
      }
      left -= 1;
      const before = unnoted;
      unnoted = 0;
      return before;
    },
  };
}
