/** The tasks that ran longest. */
import { sql } from 'kysely';
import type { TaskQuery } from '#lib/contract/tasks.ts';
import type { Task } from '#lib/model/task.ts';
import { cursorOf, readCursor } from './cursor.ts';
import type { Asking } from './filter.ts';
import type { Patience } from './patience.ts';
import { readRecords } from './records.ts';
import { type Asked, bounds, type Row } from './sql.ts';
import { idsOf } from './ways.ts';

type Page = { tasks: Task[]; next: string | null };
type Place = { id: number; runtime: number };

/** So many matches are sorted at once; where there are more, the index by runtime gives them in order. */
const SORTED_ROWS = 10_000;

/** A page by runtime, the longest first; tasks without one are left out. */
export function slowestPage(asked: Asked, asking: Asking, query: TaskQuery, patience: Patience): Page {
  const after = query.after === undefined ? null : readCursor(query.after);
  const before: Place = { id: after?.id ?? Number.MAX_SAFE_INTEGER, runtime: after?.runtime ?? Number.MAX_VALUE };
  const places = sorted(asked, asking, before) ?? inOrder(asked, asking, before);
  const records = readRecords(asked);
  const endAt = patience.clock() + patience.limitMs;
  const tasks: Task[] = [];
  let last: Place = before;
  for (const place of places) {
    if (asking.isMatch !== null && patience.clock() > endAt) return { tasks, next: cursorOf(last) };
    const task = records.task(place.id);
    if (asking.isMatch?.(task) !== false) {
      if (tasks.length === query.limit) return { tasks, next: cursorOf(last) };
      tasks.push(task);
    }
    last = place;
  }
  return { tasks, next: null };
}

/** All that match the condition, sorted; null where they are too many for that. */
function sorted(asked: Asked, asking: Asking, before: Place): Place[] | null {
  const { way, condition, low, high, words } = asking;
  if (way.rows * words.shareOf(low, high) > SORTED_ROWS) return null;
  const rows = asked.bounded(sql`select t.id, t.runtime from (${idsOf(way, condition, null)}) c
    cross join tasks t on t.id = c.id where t.runtime is not null limit ${SORTED_ROWS + 1}`);
  const found = rows.all(low, high).map(placeOfRow);
  if (found.length > SORTED_ROWS) return null;
  return found.filter((place) => compare(place, before) > 0).sort(compare);
}

/** All that match the condition, by the index: of every name the longest, whichever is next. */
function* inOrder(asked: Asked, { condition, low, high, names }: Asking, before: Place): Generator<Place> {
  // The name stands in the text: each has a statement of its own, all are read at once.
  const heads = names.map((name) => {
    const rows = asked.bounded(sql`select id, runtime from tasks indexed by tasks_runtime
      where name is ${sql.raw(String(name))} and runtime is not null and (runtime, id) < (${before.runtime}, ${before.id})
      and ${bounds()} and ${condition} order by runtime desc, id desc`);
    const places = rows.iterate(low, high)[Symbol.iterator]();
    return { places, next: places.next() };
  });
  try {
    for (;;) {
      let first: (typeof heads)[number] | null = null;
      for (const head of heads) {
        if (head.next.done) continue;
        if (first === null || compare(placeOfRow(head.next.value), placeOfRow(first.next.value)) < 0) first = head;
      }
      if (first === null) return;
      yield placeOfRow(first.next.value);
      first.next = first.places.next();
    }
  } finally {
    // A statement that is not read to its end keeps what it sees: nothing newer would ever be read on this connection.
    for (const { places } of heads) places.return?.();
  }
}

function placeOfRow(row: Row): Place {
  return { id: Number(row.id), runtime: Number(row.runtime) };
}

/** Negative where `a` comes first. */
function compare(a: Place, b: Place): number {
  return b.runtime - a.runtime || b.id - a.id;
}
