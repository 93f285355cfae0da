/** What throughput can be asked for. */

/** Stretches up to now. */
export const THROUGHPUT_RANGES = ['10m', '1h', '7d'] as const;
export type ThroughputRange = (typeof THROUGHPUT_RANGES)[number];

/** What tasks are told apart by. */
export const THROUGHPUT_SPLITS = ['state', 'name', 'queue', 'worker'] as const;
export type ThroughputSplit = (typeof THROUGHPUT_SPLITS)[number];
/** A split into texts instead of states. */
export type WordSplit = Exclude<ThroughputSplit, 'state'>;

/** What becomes of tasks, as far as it has a line. */
export const THROUGHPUT_LINES = ['received', 'succeeded', 'failed', 'retried', 'revoked'] as const;
export type ThroughputLine = (typeof THROUGHPUT_LINES)[number];

/** Percentiles that have a line, in milliseconds. */
export const DURATION_LINES = ['runtimeP50', 'runtimeP95', 'waitP50', 'waitP95'] as const;
export type DurationLine = (typeof DURATION_LINES)[number];

/** Names, queues or workers that have a line of their own; the others have one together. */
export const WORD_LINES = 6;
