/** Tasks by the time in which they began, for the chart over the list. */
import { sql } from 'kysely';
import type { TaskActivity, TaskFilter } from '#lib/contract/tasks.ts';
import type { TaskState } from '#lib/model/task.ts';
import { addEncoded, addTo, bucketOf, type Histogram, quantileOf } from '#server/history/tasks/duration-histogram.ts';
import { placesBetween, STATE_CODES, STATES_BY_CODE, timeOfPlace } from './columns.ts';
import { type Kept, keptOf } from './counted.ts';
import { type Asking, askingOf } from './filter.ts';
import type { Patience } from './patience.ts';
import { readRecords } from './records.ts';
import { LEVEL_MS, LEVELS, STATE_COLUMNS } from './rollups.ts';
import { type Asked, oneOf } from './sql.ts';
import { idsOf } from './ways.ts';
import { existing, windowsOf } from './windows.ts';

const [MINUTE, HOUR] = LEVEL_MS;
const DAY = 24 * HOUR;
/** Bars are of these lengths (ms), so that their edges are times that people say. */
const LENGTHS = [
  ...[1_000, 2_000, 5_000, 10_000, 15_000, 30_000],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((days) => days * DAY),
] as const;
/** So many tasks are read one by one. */
const READ_ROWS = 50_000;

type Bucket = { counts: number[]; retried: number; runtime: Histogram; wait: Histogram };
/** Bars of equal length side by side. */
type Bars = { from: number; bucketMs: number; buckets: Bucket[] };

/**
 * At most as many bars as asked for, of whole minutes where the kept counts answer the filter. Elsewhere tasks are read,
 * the newest first; where they are too many the chart begins (`from`) where reading ended. @throws SearchError
 */
export function activityOf(
  asked: Asked,
  filter: TaskFilter,
  range: { from: number; to: number; buckets: number },
  now: number,
  patience: Patience,
): TaskActivity {
  // Whole bars: those at the ends reach over the range.
  const { from: earliest = 0, to: latest = range.to, ...rest } = filter;
  const asking = askingOf(asked, rest);
  const kept = keptOf(filter, asking.words);
  const from = Math.max(range.from, earliest);
  const to = Math.max(from, Math.min(range.to, latest));
  const isFew = asking.way.rows * asking.words.shareOf(...idsBetween(from, to)) <= READ_ROWS;
  const least = kept === null || (isFew && to - from < range.buckets * MINUTE) ? 0 : MINUTE;
  const bars = emptyBars(from, to, range.buckets, least);
  const isKept = kept !== null && bars.bucketMs >= MINUTE;
  return toldOf(isKept ? byKept(asked, kept, bars) : byTasks(asked, asking, bars, patience), statesOf(filter), now);
}

function idsBetween(from: number, to: number): [number, number] {
  const { low, high } = placesBetween(from, to);
  return [low, high];
}

function emptyBars(from: number, to: number, most: number, leastMs: number): Bars {
  const fits = (length: number) => Math.floor(to / length) - Math.floor(from / length) < most;
  const bucketMs = LENGTHS.find((length) => length >= leastMs && fits(length)) ?? Math.ceil((to - from + 1) / most);
  const first = Math.floor(from / bucketMs) * bucketMs;
  const count = Math.floor((to - first) / bucketMs) + 1;
  const buckets = Array.from({ length: count }, () => ({
    ...{ counts: STATES_BY_CODE.map(() => 0), retried: 0, runtime: new Map(), wait: new Map() },
  }));
  return { from: first, bucketMs, buckets };
}

function byKept(asked: Asked, kept: readonly Kept[], bars: Bars): Bars {
  const { from, bucketMs, buckets } = bars;
  const level = bucketMs % HOUR === 0 ? LEVELS.hour : LEVELS.minute;
  const until = from + buckets.length * bucketMs;
  for (const { dimension, words } of kept) {
    const rows = asked.all(sql`select * from rollups where level = ${level} and dimension = ${dimension}
      and ${oneOf('word', words)} and bucket >= ${from} and bucket < ${until}`);
    for (const row of rows) {
      const bucket = buckets[Math.floor((Number(row.bucket) - from) / bucketMs)] as Bucket;
      STATE_COLUMNS.forEach((column, code) => {
        bucket.counts[code] = (bucket.counts[code] ?? 0) + Number(row[column]);
      });
      bucket.retried += Number(row.retried);
      addEncoded(bucket.runtime, String(row.runtime));
      addEncoded(bucket.wait, String(row.wait));
    }
  }
  return bars;
}

function byTasks(asked: Asked, asking: Asking, bars: Bars, { clock, limitMs }: Patience): Bars {
  const { from, bucketMs, buckets } = bars;
  const records = readRecords(asked);
  // Where every task is looked at, one after the other, so that reading can end at any.
  const order = asking.isMatch === null ? null : 'desc';
  const rows = asked.bounded(sql`select t.id, t.state, t.retried, t.runtime, t.wait
    from (${idsOf(asking.way, asking.condition, order)}) c cross join tasks t on t.id = c.id
    ${order === null ? sql`` : sql`order by c.id desc`}`);
  const [low, high] = idsBetween(from, from + buckets.length * bucketMs - 1);
  const span = existing(asked, { low, high });
  const endAt = clock() + limitMs;
  let read = 0;
  const isOver = () => read > READ_ROWS || clock() > endAt;
  for (const window of windowsOf(span, 'newest', clock)) {
    for (const row of rows.iterate(window.low, window.high)) {
      read++;
      const id = Number(row.id);
      if (asking.isMatch !== null) {
        if (isOver()) return shorten(bars, timeOfPlace(id) + 1);
        if (!asking.isMatch(records.task(id))) continue;
      }
      const bucket = buckets[Math.floor((timeOfPlace(id) - from) / bucketMs)];
      if (bucket !== undefined) addTask(bucket, row);
    }
    if (window.low > span.low && isOver()) return shorten(bars, timeOfPlace(window.low));
  }
  return bars;
}

function addTask(bucket: Bucket, { state, retried, runtime, wait }: Record<string, unknown>): void {
  bucket.counts[Number(state)] = (bucket.counts[Number(state)] ?? 0) + 1;
  bucket.retried += Number(retried);
  if (runtime !== null) addTo(bucket.runtime, bucketOf(Number(runtime)), 1);
  if (wait !== null) addTo(bucket.wait, bucketOf(Number(wait)), 1);
}

/** Without the bars of which not every task was read, but for the last. */
function shorten({ from, bucketMs, buckets }: Bars, readFrom: number): Bars {
  const first = Math.min(buckets.length - 1, Math.ceil((readFrom - from) / bucketMs));
  return { from: from + first * bucketMs, bucketMs, buckets: buckets.slice(first) };
}

function statesOf({ state }: TaskFilter): ReadonlySet<TaskState> {
  return new Set(state === undefined || state.length === 0 ? STATES_BY_CODE : state);
}

function toldOf({ from, bucketMs, buckets }: Bars, states: ReadonlySet<TaskState>, now: number): TaskActivity {
  const codes = STATES_BY_CODE.flatMap((state, code) => (states.has(state) ? [code] : []));
  const count = (state: TaskState) =>
    buckets.map(({ counts }) => (states.has(state) ? (counts[STATE_CODES[state]] ?? 0) : 0));
  // Kept durations are not told apart by state; nearly all are of tasks that succeeded.
  const quantile = (of: 'runtime' | 'wait', share: number) =>
    buckets.map((bucket) => (states.has('SUCCESS') ? quantileOf(bucket[of], share) : null));
  return {
    ...{
      now,
      from,
      to: from + buckets.length * bucketMs - 1,
      bucketMs,
      at: buckets.map((_, i) => from + i * bucketMs),
    },
    received: buckets.map(({ counts }) => codes.reduce((sum, code) => sum + (counts[code] ?? 0), 0)),
    ...{ succeeded: count('SUCCESS'), failed: count('FAILURE') },
    retried: buckets.map(({ retried }) => (states.size === STATES_BY_CODE.length ? retried : 0)),
    ...{ runtimeP50: quantile('runtime', 0.5), runtimeP95: quantile('runtime', 0.95) },
    ...{ waitP50: quantile('wait', 0.5), waitP95: quantile('wait', 0.95) },
  };
}
