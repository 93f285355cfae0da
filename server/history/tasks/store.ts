/**
 * The port to whatever keeps the tasks. One implementation: `sqlite/`; each must pass `task-store-contract.ts`.
 * Two halves: the ingest thread holds the writer, the query thread the reader; neither waits for the other.
 */
import type {
  TaskActivity,
  TaskCounts,
  TaskFailures,
  TaskFilter,
  TaskPage,
  TaskQuery,
  TaskSuggestions,
} from '#lib/contract/tasks.ts';
import type { Task, TaskDetail } from '#lib/model/task.ts';
import type { WordSplit } from '#lib/model/throughput.ts';
import type { TaskChange } from '#server/ingest/merge.ts';

/** What one commit did, for throughput figures: only what is new is in it, so a redelivery counts nothing twice. */
export type Written = {
  /** Tasks whose record changed; `before` null = was not known. */
  changed: readonly { before: TaskTimes | null; after: Task }[];
};

/** As much of a task as throughput figures compare. */
export type TaskTimes = Pick<Task, 'state' | 'sentAt' | 'receivedAt' | 'startedAt' | 'finishedAt' | 'retries'>;

/** How far Trellis has followed one worker process. */
export type WorkerMark = {
  worker: string;
  pid: number | null;
  /** Tasks that this process says to have accepted since it started, by its newest heartbeat. */
  processed: number;
  /** Starts of this process that Trellis has seen. */
  seen: number;
  at: number;
};

/** The writing half; synchronous, it lives in a thread of its own. Every call may throw; then it changed nothing. */
export type TaskWriter = {
  /** Merges changes into the tasks, one transaction, durable when it returns. */
  write(changes: readonly TaskChange[], marks: readonly WorkerMark[]): Written;
  /** Last known marks, for the time before this process. */
  marks(): readonly WorkerMark[];
  /** Tasks that were running (STARTED or RECEIVED) on a worker, the oldest first. */
  running(worker: string, limit: number): readonly Task[];
  /** Tasks without an end that last changed before `before` (and after `after`), the oldest first; for reconciliation. */
  unfinished(before: number, limit: number, after?: number): readonly Task[];
  /** Deletes one small slice of what is too old or too much; `more` = call again. */
  retain(limits: TaskRetention, now: number): { deleted: number; more: boolean };
  /** Small upkeep (WAL checkpoint, merging of the search index), at most `limitMs`; when nothing else is to do. */
  upkeep(limitMs: number): void;
  stats(): TaskStoreStats;
  close(): void;
};

export type TaskRetention = { maxAgeMs: number; maxRows: number; maxBytes: number };
export type TaskStoreStats = {
  tasks: number;
  bytes: number;
  /** Of the file, given back by `vacuum`. */
  freeBytes: number;
  oldestAt: number | null;
  newestAt: number | null;
};

/** One publication of a task, as its publisher told it: `by` is `gen<pid>@<hostname>`. */
export type SentTask = { name: string; kwargs: string | null; at: number; by: string };

/**
 * The reading half, asked from the main thread. A page that would take long is given before it is full, even empty, with a
 * `next` that goes on from there. @throws Error with code SEARCH_INVALID and `position` for a bad search, CURSOR_INVALID
 */
export type TaskReader = {
  tasks(query: TaskQuery, now: number): Promise<TaskPage>;
  task(id: string): Promise<{ task: TaskDetail; workflow: readonly Task[]; workflowTruncated: boolean } | null>;
  counts(filter: TaskFilter, now: number): Promise<TaskCounts>;
  activity(
    filter: TaskFilter,
    range: { from: number; to: number; buckets: number },
    now: number,
  ): Promise<TaskActivity>;
  failures(filter: TaskFilter, now: number): Promise<TaskFailures>;
  suggestions(now: number): Promise<TaskSuggestions>;
  /** The names, queues or workers of most tasks in the hours that touch a time (epoch ms), the largest first. */
  largest(by: WordSplit, range: { from: number; to: number; limit: number }): Promise<readonly string[]>;
  /**
   * Publications of the tasks that began in a time (epoch ms, both inclusive), the newest first, at most `limit`. Those that a
   * task sent are left out (the rest of a chain, what it calls, its own retries): nobody but workers sends them.
   */
  sentBy(range: { from: number; to: number; limit: number }): Promise<readonly SentTask[]>;
  stats(): Promise<TaskStoreStats>;
  close(): Promise<void>;
};
