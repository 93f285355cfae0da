/** Durations as they come, and the quantiles of all of them so far. Pure. */
import { addTo, bucketOf, type Histogram, quantileOf } from '#server/history/tasks/duration-histogram.ts';

export type Durations = {
  /** What is no duration is left out. */
  add(durationMs: number): void;
  /** The duration (ms) below which this share (0 to 1) lies; null = there is none. */
  quantile(share: number): number | null;
};

/** None yet. */
export function createDurations(): Durations {
  const histogram: Histogram = new Map();
  return {
    add(durationMs) {
      if (durationMs >= 0 && durationMs !== Number.POSITIVE_INFINITY) addTo(histogram, bucketOf(durationMs), 1);
    },
    quantile: (share) => quantileOf(histogram, share),
  };
}
