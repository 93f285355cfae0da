/** The tasks' part of the API: `/api/v1/tasks…`. Times are epoch milliseconds. */
import { z } from 'zod';
import { TASK_EVENT_TYPES, TASK_STATES, type Task, type TaskDetail } from '#lib/model/task.ts';

export const TASK_LIMIT = { default: 100, max: 500 } as const;
/** As many characters of a search as Flower takes. */
export const SEARCH_LIMIT = 2_048;

const time = z.coerce.number().int().min(0).max(8.64e15);
const words = z.array(z.string().min(1).max(1_000)).max(50);

/** What narrows a list of tasks; the same parameters everywhere. Repeated ones are alternatives. */
export const taskFilterSchema = z.strictObject({
  /** Flower's query language: `lib/search/`. */
  q: z.string().max(SEARCH_LIMIT).optional(),
  state: z.array(z.enum(TASK_STATES)).max(TASK_STATES.length).optional(),
  name: words.optional(),
  worker: words.optional(),
  queue: words.optional(),
  /** Printed exception up to its first parenthesis: `ValueError`. */
  exception: words.optional(),
  /** All tasks of one workflow. */
  root: z.string().min(1).max(200).optional(),
  /** The time of `Task.at`, both inclusive. */
  from: time.optional(),
  to: time.optional(),
  /** Canaries are left out unless asked for. */
  canaries: z.enum(['1']).optional(),
});
export type TaskFilter = z.infer<typeof taskFilterSchema>;

export const TASK_SORTS = ['newest', 'oldest', 'slowest'] as const;
export type TaskSort = (typeof TASK_SORTS)[number];

export const taskQuerySchema = taskFilterSchema.extend({
  limit: z.coerce.number().int().min(1).max(TASK_LIMIT.max).default(TASK_LIMIT.default),
  sort: z.enum(TASK_SORTS).default('newest'),
  /** The cursor of the page before; opaque. */
  after: z.string().max(200).optional(),
});
export type TaskQuery = z.infer<typeof taskQuerySchema>;

/** One page. */
export type TaskPage = {
  now: number;
  tasks: readonly Task[];
  /** Give it as `after` to get the next page; null = there is none. */
  next: string | null;
};

/** `/api/v1/tasks/{id}`. */
export type TaskAnswer = {
  now: number;
  task: TaskDetail;
  /** The tasks of its workflow (same root), oldest first, itself included. */
  workflow: readonly Task[];
  /** There are more than the answer carries. */
  workflowTruncated: boolean;
};

/** `/api/v1/tasks/counts`: how many tasks match, by state; `exact` false = counted up to a limit, there are more. */
export type TaskCounts = { now: number; total: number; byState: Readonly<Record<string, number>>; exact: boolean };

/** `/api/v1/tasks/activity`: tasks per bucket of time, for the chart over the list. */
export type TaskActivity = {
  now: number;
  from: number;
  to: number;
  bucketMs: number;
  /** Start of each bucket, oldest first. */
  at: readonly number[];
  /** One figure a bucket: those that began then, those that ended well, badly, and were tried again. */
  received: readonly number[];
  succeeded: readonly number[];
  failed: readonly number[];
  retried: readonly number[];
  /** Milliseconds; null = no task ended in this bucket. */
  runtimeP50: readonly (number | null)[];
  runtimeP95: readonly (number | null)[];
  waitP50: readonly (number | null)[];
  waitP95: readonly (number | null)[];
};

/** `/api/v1/tasks/failures`: failed tasks grouped by exception and task name, the most frequent first. */
export type TaskFailures = {
  now: number;
  groups: readonly {
    exception: string;
    name: string | null;
    count: number;
    firstAt: number;
    lastAt: number;
    /** The newest of them. */
    example: Task;
  }[];
};

/** `/api/v1/tasks/suggestions`: what can be filtered by, the most used of late first. */
export type TaskSuggestions = {
  names: readonly string[];
  workers: readonly string[];
  queues: readonly string[];
  exceptions: readonly string[];
};

/** One second of throughput, as the server keeps it for an hour; the stream tells a part of it. Canaries are left out. */
export type ThroughputSecond = {
  /** Start of the second. */
  at: number;
  sent: number;
  received: number;
  started: number;
  succeeded: number;
  failed: number;
  retried: number;
  revoked: number;
  /** Runtime and wait of the tasks that ended, started in this second; milliseconds, null = there were none. */
  runtimeP50: number | null;
  runtimeP95: number | null;
  waitP50: number | null;
  waitP95: number | null;
  /** Ended tasks by name, queue and worker; at most 50 of each. */
  names: Readonly<Record<string, number>>;
  queues: Readonly<Record<string, number>>;
  workers: Readonly<Record<string, number>>;
};

export const taskEventSchema = z.object({
  type: z.enum(TASK_EVENT_TYPES),
  at: z.number(),
  by: z.string().nullable(),
  pid: z.number().nullable(),
  note: z.string().nullable(),
  retries: z.number().nullable(),
});
