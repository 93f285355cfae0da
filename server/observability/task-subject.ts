/** What is counted under one set of labels. */
import type { Histogram } from './histogram.ts';
import type { CountedEvent } from './task-news.ts';

/** Stands in every label of what found no more room. */
export const OTHER = '_other';

/** One task name on one worker from one queue; "" = not told. Changed in place: it is counted thousands of times a second. */
export type Subject = {
  readonly name: string;
  readonly worker: string;
  readonly queue: string;
  readonly counts: Record<CountedEvent, number>;
  /** Failures by class of exception. */
  readonly exceptions: Map<string, number>;
  runtime: Histogram | null;
  wait: Histogram | null;
  /** Received and not started; null = not counted. */
  prefetched: number | null;
  prefetchSeconds: number;
  /** Series that it takes: without buckets, and of histograms. */
  plain: number;
  durations: number;
};
