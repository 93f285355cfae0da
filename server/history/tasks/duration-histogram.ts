/** Durations counted in buckets that grow by a fifth, so that they can be added, taken away and stored. Pure. */

/** Counts by bucket; buckets without any are absent. */
export type Histogram = Map<number, number>;

const BUCKETS_PER_DOUBLING = 4;
/** Up to this all durations are one bucket. */
const LEAST_MS = 0.1;

/** The bucket of a duration. */
export function bucketOf(durationMs: number): number {
  return Math.ceil(Math.log2(Math.max(durationMs, LEAST_MS) / LEAST_MS) * BUCKETS_PER_DOUBLING);
}

/** Adds a count to a bucket; none is left where it becomes zero. */
export function addTo(histogram: Histogram, bucket: number, count: number): void {
  const sum = (histogram.get(bucket) ?? 0) + count;
  if (sum === 0) histogram.delete(bucket);
  else histogram.set(bucket, sum);
}

/** The duration (ms, within a tenth) below which this share lies; null = there is none. */
export function quantileOf(histogram: Histogram, share: number): number | null {
  let total = 0;
  for (const count of histogram.values()) total += count;
  let left = Math.max(1, Math.ceil(total * share));
  for (const [bucket, count] of [...histogram].sort(([a], [b]) => a - b)) {
    left -= count;
    if (left <= 0) return middleOf(bucket);
  }
  return null;
}

/** JSON: bucket, count, bucket, count … */
export function encodeHistogram(histogram: Histogram): string {
  let text = '';
  for (const [bucket, count] of histogram) text += `${text === '' ? '' : ','}${bucket},${count}`;
  return `[${text}]`;
}

/** Adds an encoded histogram to this one. */
export function addEncoded(histogram: Histogram, text: string): Histogram {
  if (text === '[]') return histogram;
  const pairs = JSON.parse(text) as number[];
  for (let i = 0; i + 1 < pairs.length; i += 2) addTo(histogram, pairs[i] as number, pairs[i + 1] as number);
  return histogram;
}

function middleOf(bucket: number): number {
  if (bucket <= 0) return LEAST_MS;
  return Number((LEAST_MS * 2 ** ((bucket - 0.5) / BUCKETS_PER_DOUBLING)).toPrecision(3));
}
