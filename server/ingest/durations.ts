/** Durations in a small histogram whose buckets grow by a fifth: quantiles within a tenth, whatever their number. Pure. */

export type Durations = {
  add(durationMs: number): void;
  /** The duration (ms) below which this share (0 to 1) lies; null = there is none. */
  quantile(share: number): number | null;
};

const BUCKETS_PER_DOUBLING = 4;
/** Everything up to this is one bucket: events are no finer. */
const LEAST_MS = 0.1;

/** An empty histogram. */
export function createDurations(): Durations {
  const counts = new Map<number, number>();
  let total = 0;
  return {
    add(durationMs) {
      if (!(durationMs >= 0) || durationMs === Number.POSITIVE_INFINITY) return;
      const bucket = Math.ceil(Math.log2(Math.max(durationMs, LEAST_MS) / LEAST_MS) * BUCKETS_PER_DOUBLING);
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
      total += 1;
    },
    quantile(share) {
      if (total === 0) return null;
      let left = Math.max(1, Math.ceil(total * share));
      for (const [bucket, count] of [...counts].sort(([a], [b]) => a - b)) {
        left -= count;
        if (left <= 0) return middleOf(bucket);
      }
      return null;
    },
  };
}

function middleOf(bucket: number): number {
  if (bucket === 0) return LEAST_MS;
  return Number((LEAST_MS * 2 ** ((bucket - 0.5) / BUCKETS_PER_DOUBLING)).toPrecision(3));
}
