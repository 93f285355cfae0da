/** `/api/v1/throughput`: the last minutes by the seconds that the hub keeps, a week by the counts of the stored tasks. */
import type { TaskFilter, ThroughputSecond } from '#lib/contract/tasks.ts';
import type { Throughput, ThroughputQuery } from '#lib/contract/throughput.ts';
import { ONE_HOUR, TEN_MINUTES, tellingLines, throughputPoints, wordPoints } from '#lib/format/throughput-points.ts';
import {
  THROUGHPUT_LINES,
  type ThroughputRange,
  type ThroughputSplit,
  WORD_LINES,
  type WordSplit,
} from '#lib/model/throughput.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import type { Runtime } from '#server/runtime/slot.ts';
import { json } from './respond.ts';

const SECOND_MS = 1_000;
const WEEK_MS = 604_800_000;
const POINTS = 120;
/** Points of a shorter time would be shorter than the minutes that are counted. */
const LEAST_MS = POINTS * 60_000;

const GRIDS = { '10m': TEN_MINUTES, '1h': ONE_HOUR } as const;

type Counts = Pick<TaskReader, 'activity' | 'largest' | 'stats'>;

/** Answers with the points of a range. */
export async function throughputResponse(
  { hub }: Pick<Runtime, 'hub'>,
  tasks: Counts,
  { range, by }: ThroughputQuery,
  now: number,
): Promise<Response> {
  return json(range === '7d' ? await weekOf(tasks, by, now) : minutesOf(hub.seconds, range, by, now));
}

/** The last minutes, by what Trellis learned in each second. Pure. */
export function minutesOf(
  seconds: readonly ThroughputSecond[],
  range: Exclude<ThroughputRange, '7d'>,
  by: ThroughputSplit,
  now: number,
): Throughput {
  const grid = GRIDS[range];
  const { at, rates, durations } = throughputPoints(seconds, grid);
  const lines =
    by === 'state' ? THROUGHPUT_LINES.map((of) => ({ of, values: rates[of] })) : wordPoints(seconds, by, grid);
  return { now, range, by, countedAt: 'event', pointMs: grid.pointMs, at, lines, ...durations };
}

/** The last week, or as much of it as tasks are kept, by the times at which they began. */
export async function weekOf(tasks: Counts, by: ThroughputSplit, now: number): Promise<Throughput> {
  const { oldestAt } = await tasks.stats();
  const from = Math.min(Math.max(now - WEEK_MS, oldestAt ?? now), now - LEAST_MS);
  const range = { from, to: now, buckets: POINTS };
  const all = await tasks.activity({}, range, now);
  const { at, bucketMs: pointMs, runtimeP50, runtimeP95, waitP50, waitP95 } = all;
  const began = async (filter: TaskFilter) => (await tasks.activity(filter, range, now)).received;
  const counts =
    by === 'state'
      ? await countsByState(all, began)
      : await countsByWord(await tasks.largest(by, { ...range, limit: WORD_LINES }), by, all.received, began);
  const lines = counts.map(({ of, values }) => ({
    of,
    // What was deleted, or was before Trellis, is not zero; the newest point is not over.
    values: values.map((count, i) => {
      const start = at[i] ?? now;
      if (oldestAt === null || start + pointMs <= oldestAt) return null;
      return (Math.max(0, count) * SECOND_MS) / Math.max(SECOND_MS, Math.min(start + pointMs, now) - start);
    }),
  }));
  return {
    ...{ now, range: '7d', by, countedAt: 'begin', pointMs, at: oldestAt === null ? [] : at },
    lines: tellingLines(lines),
    ...{ runtimeP50, runtimeP95, waitP50, waitP95 },
  };
}

/** Tasks that began in each point. */
type Counted = { of: string | null; values: readonly number[] };
type Began = (filter: TaskFilter) => Promise<readonly number[]>;

async function countsByState(all: Awaited<ReturnType<Counts['activity']>>, began: Began): Promise<readonly Counted[]> {
  const counts = { ...all, revoked: await began({ state: ['REVOKED'] }) };
  return THROUGHPUT_LINES.map((of) => ({ of, values: counts[of] }));
}

/** The others come last. */
async function countsByWord(
  words: readonly string[],
  by: WordSplit,
  all: readonly number[],
  began: Began,
): Promise<readonly Counted[]> {
  const own = await Promise.all(words.map(async (of) => ({ of, values: await began({ [by]: [of] }) })));
  const others = all.map((count, i) => own.reduce((left, { values }) => left - (values[i] ?? 0), count));
  return [...own, { of: null, values: others }];
}
