/** For tests: a store that is opened before each test and put away after it. */
import { afterEach, beforeEach } from 'vitest';
import type { TaskQuery } from '#lib/contract/tasks.ts';
import type { Task } from '#lib/model/task.ts';
import type { TaskReader, TaskWriter } from './store.ts';
import { NOW } from './store-cases.ts';

/** One empty place to keep tasks in; both halves may be opened again after they were closed. */
export type Place = { openWriter(): TaskWriter; openReader(): TaskReader; remove(): void };

/** The store of the test that runs, and short ways to ask it. */
export type UsedStore = {
  writer: TaskWriter;
  reader: TaskReader;
  query(more?: Partial<TaskQuery>): TaskQuery;
  list(more?: Partial<TaskQuery>): Promise<readonly Task[]>;
  ids(more?: Partial<TaskQuery>): Promise<string[]>;
  /** Every page, one behind the other. */
  pages(more: Partial<TaskQuery>): Promise<Task[]>;
};

/** A new one for each test. */
export function useStore(createPlace: () => Place): UsedStore {
  let place: Place;
  const query = (more: Partial<TaskQuery> = {}): TaskQuery => ({ limit: 500, sort: 'newest', ...more });
  const list = async (more: Partial<TaskQuery> = {}) => (await at.reader.tasks(query(more), NOW)).tasks;
  const at = {
    ...{ query, list },
    ids: async (more: Partial<TaskQuery> = {}) => (await list(more)).map(({ id }) => id),
    async pages(more: Partial<TaskQuery>) {
      const found: Task[] = [];
      for (let after: string | undefined; ; ) {
        const page = await at.reader.tasks(query({ ...more, ...(after === undefined ? {} : { after }) }), NOW);
        found.push(...page.tasks);
        if (page.next === null) return found;
        after = page.next;
      }
    },
  } as UsedStore;

  beforeEach(() => {
    place = createPlace();
    at.writer = place.openWriter();
    at.writer.write([], []);
    at.reader = place.openReader();
  });
  afterEach(async () => {
    at.writer.close();
    await at.reader.close();
    place.remove();
  });
  return at;
}
