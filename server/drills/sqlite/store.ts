/** The runs in one SQLite file of their own, behind a thread. */
import { Worker } from 'node:worker_threads';
import type { RunStore } from '#server/drills/run-store.ts';
import { createThread } from '#server/sqlite/calls.ts';

// The thread would say that node:sqlite is young; and this process's own options are not meant for it.
const EXEC_ARGV = ['--disable-warning=ExperimentalWarning'];

/** The runs in the file `path`. Nothing is opened before the first call. */
export function sqliteRuns(path: string): RunStore {
  const options = { workerData: { path }, execArgv: EXEC_ARGV };
  const keeper = createThread<RunStore>(() => new Worker(new URL('./keeper.worker.ts', import.meta.url), options));
  return {
    save: (record) => keeper.call('save', record),
    load: (id) => keeper.call('load', id),
    list: (query) => keeper.call('list', query),
    unended: () => keeper.call('unended'),
    async close() {
      // A file that cannot be closed is let go with its thread.
      if (keeper.running) await keeper.call('close').catch(() => {});
      await keeper.end();
    },
  };
}
