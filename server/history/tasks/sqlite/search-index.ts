/** The index of three-letter pieces over what tasks were called with and what came of them. */
import type { DatabaseSync } from 'node:sqlite';
import { taskOf } from '#server/ingest/merge.ts';
import { searchText } from './columns.ts';
import { recordOf } from './records.ts';

export type SearchIndex = {
  /** A text that is new to the index; written with `flush`. */
  add(id: number, text: string): void;
  /** Another text for one that is in it; written with `flush`. */
  replace(id: number, text: string): void;
  remove(id: number): void;
  /** So many more tasks (or fewer) are not in the index yet: they have not ended. */
  isFresh(more: 1 | -1): void;
  /** Writes what was added; of tasks that have not ended the oldest too, where they are many. */
  flush(): void;
  /** Joins pieces of the index for at most about `limitMs`, so that searches read fewer. */
  merge(limitMs: number): void;
};

/** A search reads those that are not in the index one by one. */
const FRESH_LIMIT = 2_000;
const FRESH_KEPT = 1_000;
/** Pages that one step of joining writes: about a millisecond. */
const MERGE_PAGES = 64;

/** The index of an open file. */
export function openSearchIndex(db: DatabaseSync): SearchIndex {
  const insert = db.prepare('insert into search (rowid, text) values (?, ?)');
  const replaceText = db.prepare('insert or replace into search (rowid, text) values (?, ?)');
  const remove = db.prepare('delete from search where rowid = ?');
  const join = db.prepare(`insert into search (search, rank) values ('merge', ?)`);
  const changes = db.prepare('select total_changes() as count');
  const settle = db.prepare('update tasks set indexed = 1 where id = ?');
  const oldest = db.prepare(
    `select t.id, r.record from tasks t indexed by tasks_fresh join records r on r.id = t.id
     where t.indexed = 0 order by t.id limit ?`,
  );
  let fresh = Number(db.prepare('select count(*) as count from tasks where indexed = 0').get()?.count);
  let pending: { id: number; text: string; isKnown: boolean }[] = [];

  function settleOldest(): void {
    const count = fresh - FRESH_KEPT;
    for (const { id, record } of oldest.all(count)) {
      settle.run(Number(id));
      pending.push({ id: Number(id), text: searchText(taskOf(recordOf(record))), isKnown: false });
    }
    fresh -= count;
  }

  return {
    add: (id, text) => void pending.push({ id, text, isKnown: false }),
    replace: (id, text) => void pending.push({ id, text, isKnown: true }),
    remove: (id) => void remove.run(id),
    isFresh(more) {
      fresh += more;
    },
    flush() {
      if (fresh > FRESH_LIMIT) settleOldest();
      // In order: a smaller id than the one before would make the index write out what it has gathered.
      pending.sort((a, b) => a.id - b.id);
      for (const { id, text, isKnown } of pending) (isKnown ? replaceText : insert).run(id, text);
      pending = [];
    },
    merge(limitMs) {
      const end = performance.now() + limitMs;
      for (let before = -1; performance.now() < end; ) {
        join.run(MERGE_PAGES);
        const after = Number(changes.get()?.count);
        // As FTS5 documents it: fewer than two changes = there was nothing to join.
        if (before >= 0 && after - before < 2) return;
        before = after;
      }
    },
  };
}
