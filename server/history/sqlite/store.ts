/** The history in one SQLite file, behind two threads: the main thread never waits for a disk. */
import { Worker } from 'node:worker_threads';
import type { HistoryStore } from '#server/history/store.ts';
import { createThread } from '#server/sqlite/calls.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

// Each thread would say that node:sqlite is young; and this process's own options are not meant for them.
const EXEC_ARGV = ['--disable-warning=ExperimentalWarning'];

const END_LIMIT_MS = 500;

/** The store in the file `path`. Nothing is opened before the first call. */
export function sqliteHistory(path: string): HistoryStore {
  const options = { workerData: { path }, execArgv: EXEC_ARGV };
  const writer = createThread<Writer>(() => new Worker(new URL('./writer.worker.ts', import.meta.url), options));
  const reader = createThread<Reader>(() => new Worker(new URL('./reader.worker.ts', import.meta.url), options));
  return {
    recall: (bootedAt) => writer.call('recall', bootedAt),
    append: (batch) => writer.call('append', batch),
    retain: (limits, now) => writer.call('retain', limits, now),
    transitions: (query) => reader.call('transitions', query),
    blind: (range) => reader.call('blind', range),
    acknowledgements: () => reader.call('acknowledgements'),
    acknowledge: (finding, acknowledgement) => writer.call('acknowledge', finding, acknowledgement),
    openFindings: () => reader.call('openFindings'),
    keepOpenFindings: (open) => writer.call('keepOpenFindings', open),
    end: (batch) => writer.callAndWait('finish', [batch], END_LIMIT_MS),
    async close() {
      // A file that cannot be closed is let go with its thread.
      if (writer.running) await writer.call('close').catch(() => {});
      if (reader.running) await reader.call('close').catch(() => {});
      await Promise.all([writer.end(), reader.end()]);
    },
  };
}
