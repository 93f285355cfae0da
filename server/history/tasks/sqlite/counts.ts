/** How many tasks match, by state. */
import { sql } from 'kysely';
import type { TaskCounts, TaskFilter } from '#lib/contract/tasks.ts';
import { placesBetween, STATE_CODES, STATES_BY_CODE } from './columns.ts';
import { type Kept, keptOf } from './counted.ts';
import { type Asking, askingOf } from './filter.ts';
import type { Patience } from './patience.ts';
import { readRecords } from './records.ts';
import { LEVEL_MS, LEVELS, STATE_COLUMNS } from './rollups.ts';
import { type Asked, oneOf, type Sql } from './sql.ts';
import { idsOf } from './ways.ts';
import { existing, windowsOf } from './windows.ts';

/** Counts by the codes of the states. */
type ByCode = number[];
/** So many tasks are counted one by one. */
const COUNTED_ROWS = 50_000;
const EVER = 8.64e15;

/** Counts all that match; where that takes looking at too many, the newest of them. @throws SearchError */
export function countsOf(asked: Asked, filter: TaskFilter, now: number, patience: Patience): TaskCounts {
  const asking = askingOf(asked, filter);
  const kept = keptOf(filter, asking.words);
  const counts: ByCode = STATES_BY_CODE.map(() => 0);
  const exact =
    kept === null ? countOneByOne(asked, asking, counts, patience) : countKept(asked, asking, kept, filter, counts);
  return { now, ...told(counts, filter), exact };
}

function told(counts: ByCode, { state }: TaskFilter): Pick<TaskCounts, 'total' | 'byState'> {
  const wanted = STATES_BY_CODE.filter((one) => state === undefined || state.length === 0 || state.includes(one));
  const shown = wanted.map((one) => [one, counts[STATE_CODES[one]] ?? 0] as const).filter(([, count]) => count > 0);
  return { total: shown.reduce((sum, [, count]) => sum + count, 0), byState: Object.fromEntries(shown) };
}

/** Whole hours and minutes by what is kept, the rest at both ends by the tasks themselves. */
function countKept(asked: Asked, asking: Asking, kept: readonly Kept[], filter: TaskFilter, counts: ByCode): true {
  const { from = 0, to = EVER } = filter;
  const end = to + 1;
  const [hour, minute] = [LEVEL_MS[LEVELS.hour], LEVEL_MS[LEVELS.minute]];
  const inside = (size: number) => ({ from: Math.ceil(from / size) * size, to: Math.floor(end / size) * size });
  const [minutes, hours] = [inside(minute), inside(hour)];
  if (minutes.from >= minutes.to) return countRange(asked, asking, from, end, counts);
  const level = (one: number, since: number, until: number) => {
    for (const { dimension, words } of kept) {
      const sums = STATE_COLUMNS.map((column) => `sum(${column}) as ${column}`).join(', ');
      const row = asked.get(sql`select ${sql.raw(sums)} from rollups where level = ${one} and dimension = ${dimension}
        and ${oneOf('word', words)} and bucket >= ${since} and bucket < ${until}`);
      STATE_COLUMNS.forEach((column, code) => {
        counts[code] = (counts[code] ?? 0) + Number(row?.[column] ?? 0);
      });
    }
  };
  if (hours.from < hours.to) {
    level(LEVELS.minute, minutes.from, hours.from);
    level(LEVELS.hour, hours.from, hours.to);
    level(LEVELS.minute, hours.to, minutes.to);
  } else {
    level(LEVELS.minute, minutes.from, minutes.to);
  }
  countRange(asked, asking, from, minutes.from, counts);
  return countRange(asked, asking, minutes.to, end, counts);
}

/** Those from a time until before another. */
function countRange(asked: Asked, asking: Asking, from: number, until: number, counts: ByCode): true {
  if (from >= until) return true;
  const { low, high } = placesBetween(from, until - 1);
  addRows(counts, asked.bounded(byState(asking)).all(low, high));
  return true;
}

function byState({ way, condition }: Asking): Sql {
  return sql`select t.state as state, count(*) as count from (${idsOf(way, condition, null)}) c
    cross join tasks t on t.id = c.id group by t.state`;
}

function addRows(counts: ByCode, rows: readonly Record<string, unknown>[]): void {
  for (const { state, count } of rows) counts[Number(state)] = (counts[Number(state)] ?? 0) + Number(count);
}

/** The newest first, until all are counted (true) or it takes too long (false). */
function countOneByOne(asked: Asked, asking: Asking, counts: ByCode, { clock, limitMs }: Patience): boolean {
  const { isMatch, way, condition } = asking;
  const records = readRecords(asked);
  const rows = asked.bounded(isMatch === null ? byState(asking) : idsOf(way, condition, 'desc'));
  const endAt = clock() + limitMs;
  let counted = 0;
  const isOver = () => counted >= COUNTED_ROWS || clock() > endAt;
  const span = existing(asked, asking);
  for (const window of windowsOf(span, 'newest', clock)) {
    if (isMatch === null) {
      const found = rows.all(window.low, window.high);
      addRows(counts, found);
      counted += found.reduce((sum, { count }) => sum + Number(count), 0);
    } else {
      for (const { id } of rows.iterate(window.low, window.high)) {
        if (isOver()) return false;
        counted++;
        const task = records.task(Number(id));
        if (isMatch(task)) addRows(counts, [{ state: STATE_CODES[task.state], count: 1 }]);
      }
    }
    if (window.low > span.low && isOver()) return false;
  }
  return true;
}
