/** Where runs are kept. Every method throws an Error with a message for people when the file cannot be used. */
import type { ListedRun, RunsQuery } from '#lib/contract/drills.ts';
import type { RunRecord } from './run-record.ts';

export type RunStore = {
  /** Resolves when it is on disk; replaces what was kept of the run. */
  save(record: RunRecord): Promise<void>;
  /** null = there is none of that id. */
  load(id: string): Promise<RunRecord | null>;
  /** Newest first. */
  list(query: RunsQuery): Promise<readonly ListedRun[]>;
  /** Runs that have not ended, oldest first. */
  unended(): Promise<readonly RunRecord[]>;
  close(): Promise<void>;
};
