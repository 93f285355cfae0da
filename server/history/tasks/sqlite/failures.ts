/** Failed tasks, grouped by exception and name. */
import { sql } from 'kysely';
import type { TaskFailures, TaskFilter } from '#lib/contract/tasks.ts';
import { STATE_CODES, timeOfPlace } from './columns.ts';
import { type Asking, askingOf } from './filter.ts';
import type { Patience } from './patience.ts';
import { readRecords } from './records.ts';
import { type Asked, bounds, type Row, type Sql } from './sql.ts';
import { idsOf } from './ways.ts';
import { existing, windowsOf } from './windows.ts';

/** Groups that are told, the most frequent. */
const GROUPS = 200;

type Group = { exception: number | null; name: number | null; count: number; first: number; last: number };

/** The groups. Where only the tasks themselves tell what matches, as many of the newest as there is time for. @throws SearchError */
export function failuresOf(asked: Asked, filter: TaskFilter, now: number, patience: Patience): TaskFailures {
  const state = filter.state === undefined || filter.state.includes('FAILURE') ? (['FAILURE'] as const) : null;
  if (state === null) return { now, groups: [] };
  const asking = askingOf(asked, { ...filter, state: [...state] });
  const groups = asking.isMatch === null ? grouped(asked, asking) : groupedByTasks(asked, asking, patience);
  const most = groups.sort((a, b) => b.count - a.count || b.last - a.last).slice(0, GROUPS);
  const records = readRecords(asked);
  const word = (id: number | null) =>
    id === null ? null : String(asked.get(sql`select text from words where id = ${id}`)?.text);
  return {
    now,
    groups: most.map(({ exception, name, count, first, last }) => ({
      ...{ exception: word(exception) ?? '', name: word(name), count },
      ...{ firstAt: timeOfPlace(first), lastAt: timeOfPlace(last), example: records.task(last) },
    })),
  };
}

function grouped(asked: Asked, { condition, low, high }: Asking): Group[] {
  const query: Sql = sql`select exception, name, count(*) as count, min(id) as first, max(id) as last
    from tasks indexed by tasks_failed where state = ${sql.raw(String(STATE_CODES.FAILURE))} and ${bounds()} and ${condition}
    group by exception, name`;
  return asked.bounded(query).all(low, high).map(groupOf);
}

function groupOf({ exception, name, count, first, last }: Row): Group {
  const id = (value: unknown) => (value === null ? null : Number(value));
  return { exception: id(exception), name: id(name), count: Number(count), first: Number(first), last: Number(last) };
}

function groupedByTasks(asked: Asked, asking: Asking, { clock, limitMs }: Patience): Group[] {
  const records = readRecords(asked);
  const rows =
    asked.bounded(sql`select t.id, t.exception, t.name from (${idsOf(asking.way, asking.condition, 'desc')}) c
    cross join tasks t on t.id = c.id order by c.id desc`);
  const groups = new Map<string, Group>();
  const endAt = clock() + limitMs;
  for (const { low, high } of windowsOf(existing(asked, asking), 'newest', clock)) {
    for (const row of rows.iterate(low, high)) {
      if (clock() > endAt) return [...groups.values()];
      const id = Number(row.id);
      if (asking.isMatch?.(records.task(id)) === false) continue;
      const key = `${row.exception} ${row.name}`;
      const group = groups.get(key) ?? { ...groupOf({ ...row, count: 0, first: id, last: id }) };
      groups.set(key, {
        ...group,
        count: group.count + 1,
        first: Math.min(group.first, id),
        last: Math.max(group.last, id),
      });
    }
  }
  return [...groups.values()];
}
