/** Seconds of throughput as a chart draws them: ten minutes in points of five seconds. Pure. Times are epoch milliseconds. */
import type { ThroughputSecond } from '#lib/contract/tasks.ts';

/** The counts that have a line. */
export const THROUGHPUT_LINES = ['received', 'succeeded', 'failed', 'retried', 'revoked'] as const;
export type ThroughputLine = (typeof THROUGHPUT_LINES)[number];

/** Percentiles that have a line, in milliseconds. */
export const DURATION_LINES = ['runtimeP50', 'runtimeP95', 'waitP50', 'waitP95'] as const;
export type DurationLine = (typeof DURATION_LINES)[number];

export const POINT_MS = 5_000;
/** Ten minutes of them. */
export const POINTS = 120;
const SECOND_MS = 1_000;
const SECONDS_A_POINT = POINT_MS / SECOND_MS;

export type ThroughputPoints = {
  /** Start of each point, oldest first, without holes. */
  at: readonly number[];
  /** Tasks a second; null = not all of the point's seconds were seen. */
  rates: Readonly<Record<ThroughputLine, readonly (number | null)[]>>;
  /** null also where no task ended (runtime) or started (wait). */
  durations: Readonly<Record<DurationLine, readonly (number | null)[]>>;
  /** When nothing was seen. */
  gaps: readonly { from: number; to: number }[];
};

/** When the newest point that is complete begins; null = there is none. Nothing is drawn anew before it changes. */
export function newestPoint(seconds: readonly ThroughputSecond[]): number | null {
  const newest = seconds.at(-1);
  return newest === undefined ? null : pointOf(newest.at + SECOND_MS) - POINT_MS;
}

/** The points of the last ten minutes, as far back as there are seconds. */
export function throughputPoints(seconds: readonly ThroughputSecond[]): ThroughputPoints {
  const last = newestPoint(seconds) ?? Number.NEGATIVE_INFINITY;
  const from = Math.max(last - (POINTS - 1) * POINT_MS, pointOf((seconds[0]?.at ?? 0) + POINT_MS - SECOND_MS));
  const shown = seconds.filter(({ at }) => at >= from && at < last + POINT_MS);
  const points = Map.groupBy(shown, ({ at }) => pointOf(at));
  const length = last < from ? 0 : (last - from) / POINT_MS + 1;
  const at = Array.from({ length }, (_, i) => from + i * POINT_MS);
  const buckets = at.map((start) => {
    const own = points.get(start) ?? [];
    return own.length < SECONDS_A_POINT ? null : own;
  });
  return {
    at,
    rates: linesOf(THROUGHPUT_LINES, (line) => buckets.map((own) => own && sum(own, line) / SECONDS_A_POINT)),
    durations: linesOf(DURATION_LINES, (line) => buckets.map((own) => own && durationOf(own, line))),
    gaps: gapsOf(at, buckets),
  };
}

/** The newest seconds as one figure for each line; null where nothing is told. */
export function currentThroughput(
  seconds: readonly ThroughputSecond[],
): Readonly<Record<ThroughputLine | DurationLine, number | null>> {
  const own = seconds.slice(-SECONDS_A_POINT);
  return {
    ...linesOf(THROUGHPUT_LINES, (line) => (own.length === 0 ? null : sum(own, line) / own.length)),
    ...linesOf(DURATION_LINES, (line) => durationOf(own, line)),
  };
}

function pointOf(at: number): number {
  return Math.floor(at / POINT_MS) * POINT_MS;
}

function linesOf<L extends string, V>(lines: readonly L[], valueOf: (line: L) => V): Record<L, V> {
  return Object.fromEntries(lines.map((line) => [line, valueOf(line)])) as Record<L, V>;
}

function sum(seconds: readonly ThroughputSecond[], line: ThroughputLine | 'started'): number {
  return seconds.reduce((total, second) => total + second[line], 0);
}

/** Percentiles of seconds do not add up to one of all: their mean, each as heavy as its tasks are many, comes close. */
function durationOf(seconds: readonly ThroughputSecond[], line: DurationLine): number | null {
  let tasks = 0;
  let total = 0;
  for (const second of seconds) {
    const value = second[line];
    if (value === null) continue;
    const weight = Math.max(1, line.startsWith('wait') ? second.started : second.succeeded + second.failed);
    tasks += weight;
    total += weight * value;
  }
  return tasks === 0 ? null : total / tasks;
}

function gapsOf(at: readonly number[], buckets: readonly (object | null)[]): { from: number; to: number }[] {
  const gaps: { from: number; to: number }[] = [];
  at.forEach((from, i) => {
    if (buckets[i] !== null) return;
    const open = gaps.at(-1);
    if (open?.to === from) open.to = from + POINT_MS;
    else gaps.push({ from, to: from + POINT_MS });
  });
  return gaps;
}
