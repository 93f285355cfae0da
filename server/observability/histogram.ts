/** A histogram as Prometheus counts one. Pure. */
import type { MetricSample } from './exposition.ts';

/** Upper bounds of the buckets, in seconds: the ones that Flower and celery-exporter have. */
export const SECONDS_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const;

/** How many series one histogram is: its buckets, `+Inf`, the sum and the count. */
export const HISTOGRAM_SERIES = SECONDS_BUCKETS.length + 3;

/** `counts`: how many fell into each bucket and none before it; those above the last bound are only in `count`. */
export type Histogram = { counts: number[]; sum: number; count: number };

export function createHistogram(): Histogram {
  return { counts: SECONDS_BUCKETS.map(() => 0), sum: 0, count: 0 };
}

/** Counts one more. */
export function observe(histogram: Histogram, seconds: number): void {
  histogram.sum += seconds;
  histogram.count += 1;
  for (let i = 0; i < SECONDS_BUCKETS.length; i++) {
    if (seconds > (SECONDS_BUCKETS[i] ?? 0)) continue;
    histogram.counts[i] = (histogram.counts[i] ?? 0) + 1;
    return;
  }
}

/** Puts what `from` counted into `into`. */
export function addHistogram(into: Histogram, from: Histogram): void {
  into.sum += from.sum;
  into.count += from.count;
  from.counts.forEach((count, i) => {
    into.counts[i] = (into.counts[i] ?? 0) + count;
  });
}

/** Its lines, `le` written as Prometheus's Python client writes it: boards may ask for `le="1.0"`. */
export function histogramSamples({ counts, sum, count }: Histogram, labels: MetricSample['labels']): MetricSample[] {
  let below = 0;
  const buckets = SECONDS_BUCKETS.map((bound, i) => {
    below += counts[i] ?? 0;
    const le = Number.isInteger(bound) ? bound.toFixed(1) : String(bound);
    return { suffix: '_bucket', labels: { le, ...labels }, value: below };
  });
  return [
    ...buckets,
    { suffix: '_bucket', labels: { le: '+Inf', ...labels }, value: count },
    { suffix: '_count', labels, value: count },
    { suffix: '_sum', labels, value: sum },
  ];
}
