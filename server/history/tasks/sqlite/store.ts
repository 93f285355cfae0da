/** The tasks in one SQLite file, read behind a thread of its own; the ingest thread writes it (`writer.ts`). */
import { Worker } from 'node:worker_threads';
import type { TaskReader } from '#server/history/tasks/store.ts';
import { createThread } from '#server/sqlite/calls.ts';
import { checked } from './checked.ts';
import { PATIENCE_MS } from './patience.ts';

// The thread would say that node:sqlite is young; and this process's own options are not meant for it.
const EXEC_ARGV = ['--disable-warning=ExperimentalWarning'];

/** Without them garbage piles up until it is some hundred megabytes. */
const HEAP_LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 };

/** The reading half for the file `path`; `limitMs` as in `Patience`. Nothing is opened before the first call. */
export function sqliteTasks(path: string, limitMs = PATIENCE_MS): TaskReader {
  const options = { workerData: { path, limitMs }, execArgv: EXEC_ARGV, resourceLimits: HEAP_LIMITS };
  const reader = createThread<TaskReader>(() => new Worker(new URL('./reader.worker.ts', import.meta.url), options));
  return checked({
    tasks: (query, now) => reader.call('tasks', query, now),
    task: (id) => reader.call('task', id),
    counts: (filter, now) => reader.call('counts', filter, now),
    activity: (filter, range, now) => reader.call('activity', filter, range, now),
    failures: (filter, now) => reader.call('failures', filter, now),
    suggestions: (now) => reader.call('suggestions', now),
    largest: (by, range) => reader.call('largest', by, range),
    sentBy: (range) => reader.call('sentBy', range),
    stats: () => reader.call('stats'),
    async close() {
      // A file that cannot be closed is let go with its thread.
      if (reader.running) await reader.call('close').catch(() => {});
      await reader.end();
    },
  });
}
