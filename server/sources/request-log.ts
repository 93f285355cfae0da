/** Counts what Trellis itself puts on each endpoint, so that the screen can say it and the budget can be checked. */

export type RequestLog = {
  /** One request leaves for this endpoint. */
  sent(endpoint: string): void;
  /** Requests a second over the last ten full seconds (or since the start, when that is shorter). */
  perSecond(endpoint: string): number;
};

const WINDOW_SECONDS = 10;

/** A log that starts empty; `clock` gives epoch milliseconds. */
export function createRequestLog(clock: () => number): RequestLog {
  const startedAt = clock();
  const buckets = new Map<string, Map<number, number>>();

  return {
    sent(endpoint) {
      const second = Math.floor(clock() / 1000);
      const counts = buckets.get(endpoint) ?? new Map<number, number>();
      counts.set(second, (counts.get(second) ?? 0) + 1);
      for (const old of counts.keys()) if (old < second - WINDOW_SECONDS) counts.delete(old);
      buckets.set(endpoint, counts);
    },
    perSecond(endpoint) {
      const now = clock();
      const second = Math.floor(now / 1000);
      const full = Math.min(WINDOW_SECONDS, Math.floor((now - startedAt) / 1000));
      if (full < 1) return 0;
      let sum = 0;
      for (const [at, count] of buckets.get(endpoint) ?? []) if (at < second && at >= second - full) sum += count;
      return sum / full;
    },
  };
}
