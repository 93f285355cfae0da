/** `/api/v1/throughput`: tasks over time as a chart draws them. Times are epoch milliseconds. */
import { z } from 'zod';
import {
  type DurationLine,
  THROUGHPUT_RANGES,
  THROUGHPUT_SPLITS,
  type ThroughputRange,
  type ThroughputSplit,
} from '#lib/model/throughput.ts';

export const throughputQuerySchema = z.strictObject({
  range: z.enum(THROUGHPUT_RANGES).default('10m'),
  by: z.enum(THROUGHPUT_SPLITS).default('state'),
});
export type ThroughputQuery = z.infer<typeof throughputQuerySchema>;

/**
 * `event` = when Trellis learned of it; names, queues and workers are those of tasks that ended. `begin` = each task once,
 * when it began, by what has become of it since.
 */
export const COUNTED_AT = ['event', 'begin'] as const;

/** One value a point. */
export type PointValues = readonly (number | null)[];

/** A line: `of` = the state, name, queue or worker; null = all others, and tasks of which it is not known. */
export type ThroughputSeries = { of: string | null; values: PointValues };

/** At most 120 points. Canaries are left out. */
export type Throughput = {
  now: number;
  range: ThroughputRange;
  by: ThroughputSplit;
  countedAt: (typeof COUNTED_AT)[number];
  pointMs: number;
  /** Start of each point, oldest first, without holes; empty = nothing was seen yet. */
  at: readonly number[];
  /** Tasks a second, null = not seen or not kept; at least one line, the largest names, queues and workers first. */
  lines: readonly ThroughputSeries[];
} & {
  /** Of all tasks, in milliseconds; null also where none ended (runtime) or started (wait). */
  [line in DurationLine]: PointValues;
};
