/** Seconds of throughput as a chart draws them. Pure. Times are epoch milliseconds. */
import type { StreamSecond } from '#lib/contract/stream.ts';
import type { ThroughputSecond } from '#lib/contract/tasks.ts';
import type { PointValues, ThroughputSeries } from '#lib/contract/throughput.ts';
import {
  DURATION_LINES,
  type DurationLine,
  THROUGHPUT_LINES,
  type ThroughputLine,
  WORD_LINES,
  type WordSplit,
} from '#lib/model/throughput.ts';

/** How long a point is, and how many there are at most. */
export type Grid = { pointMs: number; points: number };
export const TEN_MINUTES: Grid = { pointMs: 5_000, points: 120 };
export const ONE_HOUR: Grid = { pointMs: 30_000, points: 120 };

const SECOND_MS = 1_000;
/** As many seconds are `now`. */
const CURRENT_SECONDS = 5;

export type ThroughputPoints = {
  /** Start of each point, oldest first, without holes. */
  at: readonly number[];
  /** Tasks a second; null = not all of the point's seconds were seen. */
  rates: Readonly<Record<ThroughputLine, PointValues>>;
  /** null also where no task ended (runtime) or started (wait). */
  durations: Readonly<Record<DurationLine, PointValues>>;
};

/** When the newest point that is complete begins; null = there is none. Nothing is drawn anew before it changes. */
export function newestPoint(seconds: readonly StreamSecond[], { pointMs }: Grid = TEN_MINUTES): number | null {
  const newest = seconds.at(-1);
  return newest === undefined ? null : startOf(newest.at + SECOND_MS, pointMs) - pointMs;
}

/** The points of the last minutes, as far back as there are seconds. */
export function throughputPoints(seconds: readonly StreamSecond[], grid: Grid = TEN_MINUTES): ThroughputPoints {
  const { at, buckets } = bucketsOf(seconds, grid);
  const told = (figure: (own: readonly StreamSecond[]) => number | null) => buckets.map((own) => own && figure(own));
  return {
    at,
    rates: linesOf(THROUGHPUT_LINES, (line) => told((own) => sum(own, line) / own.length)),
    durations: linesOf(DURATION_LINES, (line) => told((own) => durationOf(own, line))),
  };
}

const WORDS_OF = { name: 'names', queue: 'queues', worker: 'workers' } as const;

/** Ended tasks by name, queue or worker, in the same points: the largest of the whole time, and the others. */
export function wordPoints(
  seconds: readonly ThroughputSecond[],
  by: WordSplit,
  grid: Grid = TEN_MINUTES,
): readonly ThroughputSeries[] {
  const { buckets } = bucketsOf(seconds, grid);
  const counted = buckets.map((own) => own && countsOf(own, by));
  const totals = countsOf(
    buckets.flatMap((own) => own ?? []),
    by,
  );
  const largest = [...totals].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, WORD_LINES);
  const lines = largest.map(([of]) => ({
    of,
    values: buckets.map((own, i) => own && (counted[i]?.get(of) ?? 0) / own.length),
  }));
  const others = buckets.map((own, i) => {
    if (own === null) return null;
    const ended = sum(own, 'succeeded') + sum(own, 'failed') + sum(own, 'revoked');
    const named = largest.reduce((total, [of]) => total + (counted[i]?.get(of) ?? 0), 0);
    return Math.max(0, ended - named) / own.length;
  });
  return tellingLines([...lines, { of: null, values: others }]);
}

/** Without the line of the others where it says nothing beside another one. */
export function tellingLines(lines: readonly ThroughputSeries[]): readonly ThroughputSeries[] {
  return lines.filter(
    ({ of, values }) => of !== null || lines.length === 1 || values.some((value) => value !== null && value > 0),
  );
}

/** The newest seconds as one figure for each line; null where nothing is told. */
export function currentThroughput(
  seconds: readonly StreamSecond[],
): Readonly<Record<ThroughputLine | DurationLine, number | null>> {
  const own = seconds.slice(-CURRENT_SECONDS);
  return {
    ...linesOf(THROUGHPUT_LINES, (line) => (own.length === 0 ? null : sum(own, line) / own.length)),
    ...linesOf(DURATION_LINES, (line) => durationOf(own, line)),
  };
}

/** Stretches whose points are null, from the first of them to the end of the last. */
export function gapsOf(
  at: readonly number[],
  values: PointValues,
  pointMs: number,
): readonly { from: number; to: number }[] {
  const gaps: { from: number; to: number }[] = [];
  at.forEach((from, i) => {
    if (values[i] !== null) return;
    const open = gaps.at(-1);
    if (open?.to === from) open.to = from + pointMs;
    else gaps.push({ from, to: from + pointMs });
  });
  return gaps;
}

/** The seconds of each point; null = not all of them were seen. */
function bucketsOf<S extends StreamSecond>(
  seconds: readonly S[],
  grid: Grid,
): { at: readonly number[]; buckets: readonly (readonly S[] | null)[] } {
  const { pointMs, points } = grid;
  const last = newestPoint(seconds, grid) ?? Number.NEGATIVE_INFINITY;
  const earliest = startOf((seconds[0]?.at ?? 0) + pointMs - SECOND_MS, pointMs);
  const from = Math.max(last - (points - 1) * pointMs, earliest);
  const shown = seconds.filter(({ at }) => at >= from && at < last + pointMs);
  const seen = Map.groupBy(shown, ({ at }) => startOf(at, pointMs));
  const length = last < from ? 0 : (last - from) / pointMs + 1;
  const at = Array.from({ length }, (_, i) => from + i * pointMs);
  const buckets = at.map((start) => {
    const own = seen.get(start) ?? [];
    return own.length < pointMs / SECOND_MS ? null : own;
  });
  return { at, buckets };
}

function startOf(at: number, pointMs: number): number {
  return Math.floor(at / pointMs) * pointMs;
}

function linesOf<L extends string, V>(lines: readonly L[], valueOf: (line: L) => V): Record<L, V> {
  return Object.fromEntries(lines.map((line) => [line, valueOf(line)])) as Record<L, V>;
}

function countsOf(seconds: readonly ThroughputSecond[], by: WordSplit): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const second of seconds) {
    for (const [word, ended] of Object.entries(second[WORDS_OF[by]])) counts.set(word, (counts.get(word) ?? 0) + ended);
  }
  return counts;
}

function sum(seconds: readonly StreamSecond[], line: ThroughputLine): number {
  return seconds.reduce((total, second) => total + second[line], 0);
}

/** Percentiles of seconds do not add up to one of all: their mean, each as heavy as its tasks are many, comes close. */
function durationOf(seconds: readonly StreamSecond[], line: DurationLine): number | null {
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
