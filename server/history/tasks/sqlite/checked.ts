/** What is asked is checked before the file is: such an error is the asker's, and keeps its code on the way between threads. */
import type { TaskFilter } from '#lib/contract/tasks.ts';
import { parseSearch } from '#lib/search/parse.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import { readCursor } from './cursor.ts';

/** The same reader; it rejects with SearchError (SEARCH_INVALID, `position`) or an Error with code CURSOR_INVALID. */
export function checked(reader: TaskReader): TaskReader {
  return {
    ...reader,
    async tasks(query, now) {
      check(query);
      if (query.after !== undefined) readCursor(query.after);
      return reader.tasks(query, now);
    },
    async counts(filter, now) {
      check(filter);
      return reader.counts(filter, now);
    },
    async activity(filter, range, now) {
      check(filter);
      return reader.activity(filter, range, now);
    },
    async failures(filter, now) {
      check(filter);
      return reader.failures(filter, now);
    },
  };
}

function check({ q }: TaskFilter): void {
  if (q !== undefined) parseSearch(q);
}
