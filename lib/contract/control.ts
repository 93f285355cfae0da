/**
 * Control of workers and tasks: what may be asked, and how far it got (requested, acknowledged, verified). Every write answers
 * 202 with an `Operation`; ask `/api/v1/operations/{id}` how it goes on. Times are epoch milliseconds.
 */
import { z } from 'zod';
import type { Task } from '#lib/model/task.ts';
import type { ActionId } from '#lib/permissions.ts';
import { taskFilterSchema } from './tasks.ts';

const nodeName = z.string().regex(/^[^@\s]{1,200}@[^@\s]{1,200}$/, 'write it as Celery does: celery@host');
const queueName = z.string().min(1).max(255);
const taskName = z.string().min(1).max(255);
export const taskIdSchema = z
  .string()
  .min(1)
  .max(155)
  .regex(/^[\w.:-]+$/, 'this is no task id');
const count = z.number().int().min(1).max(100);
const seconds = z
  .number()
  .positive()
  .max(86_400 * 7);
/** What a running task can be terminated with; `SIGUSR1` raises its soft time limit. */
export const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGKILL', 'SIGQUIT', 'SIGUSR1'] as const;
export type Signal = (typeof SIGNALS)[number];

/** Stands for a node name in addresses of `rate_limit`, `time_limit` and questions: every worker. */
export const EVERY_WORKER = 'all';

/** What a worker can be told, by method. Unknown keys are refused here: a worker ignores them and acts all the same. */
export const workerCommandSchema = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('pool_grow'), worker: nodeName, n: count }),
  z.strictObject({ method: z.literal('pool_shrink'), worker: nodeName, n: count }),
  z.strictObject({ method: z.literal('pool_restart'), worker: nodeName }),
  z
    .strictObject({
      method: z.literal('autoscale'),
      worker: nodeName,
      min: z.number().int().min(0).max(1_000),
      max: z.number().int().min(1).max(1_000),
    })
    .refine(({ min, max }) => min <= max, 'min is larger than max'),
  z.strictObject({ method: z.literal('add_consumer'), worker: nodeName, queue: queueName }),
  z.strictObject({ method: z.literal('cancel_consumer'), worker: nodeName, queue: queueName }),
  z.strictObject({
    method: z.literal('rate_limit'),
    worker: nodeName.nullable(),
    task: taskName,
    rate: z.string().regex(/^\d+(\.\d+)?(\/[smh])?$/, 'write it as 10, 10/s, 10/m or 10/h'),
  }),
  z.strictObject({
    method: z.literal('time_limit'),
    worker: nodeName.nullable(),
    task: taskName,
    soft: seconds.nullable(),
    hard: seconds.nullable(),
  }),
  z.strictObject({ method: z.literal('enable_events'), worker: nodeName }),
  z.strictObject({ method: z.literal('disable_events'), worker: nodeName }),
  z.strictObject({ method: z.literal('shutdown'), worker: nodeName }),
  /** No verb of Celery: cancel its consumers, wait until it is idle, shut it down. */
  z.strictObject({
    method: z.literal('drain'),
    worker: nodeName,
    waitSeconds: z.number().int().min(1).max(86_400).default(600),
  }),
]);
export type WorkerCommand = z.infer<typeof workerCommandSchema>;

/** The action that a command is, for permissions and the audit. */
export function actionOfCommand({ method }: Pick<WorkerCommand, 'method'>): ActionId {
  return COMMAND_ACTIONS[method];
}

const COMMAND_ACTIONS: Readonly<Record<WorkerCommand['method'], ActionId>> = {
  pool_grow: 'worker.pool',
  pool_shrink: 'worker.pool',
  autoscale: 'worker.pool',
  pool_restart: 'worker.restart-pool',
  add_consumer: 'worker.consumers',
  cancel_consumer: 'worker.consumers',
  rate_limit: 'worker.limits',
  time_limit: 'worker.limits',
  enable_events: 'worker.events',
  disable_events: 'worker.events',
  shutdown: 'worker.shutdown',
  drain: 'worker.drain',
};

/** What a worker can be asked. */
export const INSPECT_METHODS = [
  'ping',
  'stats',
  'active',
  'reserved',
  'scheduled',
  'revoked',
  'registered',
  'active_queues',
  'conf',
  'query_task',
  'report',
  'clock',
] as const;
export type InspectMethod = (typeof INSPECT_METHODS)[number];

/** The parameters of `GET /api/v1/workers/{name}/inspect`; `id` may stand several times and belongs to `query_task`. */
export const inspectQuerySchema = z
  .strictObject({ method: z.enum(INSPECT_METHODS), id: z.array(taskIdSchema).max(100).optional() })
  .refine(
    ({ method, id }) => (method === 'query_task') === (id !== undefined),
    'id: query_task needs it, others take none',
  );
export type InspectQuery = z.infer<typeof inspectQuerySchema>;

/** What it answers; `registered` names carry limits: `lab.add [rate_limit=10/m time_limit=30]`. Secrets are scrubbed. */
export type InspectAnswer = {
  now: number;
  method: InspectMethod;
  /** When it was asked; an answer may be a second old. */
  askedAt: number;
  tookMs: number;
  /** What each worker said, by node name; `{ error: text }` where it refused. */
  replies: Readonly<Record<string, unknown>>;
  /** Those that were asked and said nothing in time. */
  silent: readonly string[];
};

/**
 * How far a command got. `verified`: Trellis has seen the effect itself; `ok` from a worker alone is `acknowledged`.
 * `failed` = it could not be asked, or ended with an error.
 */
export const CONTROL_STAGES = [
  'requested',
  'acknowledged',
  'verified',
  'not-verified',
  'refused',
  'no-answer',
  'failed',
] as const;
export type ControlStage = (typeof CONTROL_STAGES)[number];

/** One thing on the way of a command; the sentence is for people. */
export type ControlStep = { at: number; stage: ControlStage; text: string };

/** How a command ended. */
export type ControlOutcome = {
  stage: ControlStage;
  /** Each worker's own words. */
  replies: Readonly<Record<string, unknown>>;
  /** What was seen, or what is missing, in a sentence. */
  evidence: string;
  tookMs: number;
  /** Commands that would undo what is left of it; absent = nothing is. */
  offers?: readonly WorkerCommand[];
};

/** How many of several things are dealt with. */
export type OperationProgress = { done: number; skipped: number; failed: number; total: number | null };

/** Something that takes longer than a request: `GET /api/v1/operations/{id}`. Kept in memory; the audit has its end too. */
export type Operation = {
  /** Its id in the audit. */
  id: string;
  action: ActionId;
  /** `workers/celery@host-1`, `tasks/<id>`, … */
  target: string;
  /** Who asked for it, and why. */
  by: string;
  reason: string;
  startedAt: number;
  /** null = it is under way. */
  endedAt: number | null;
  /** Of the newest step. */
  stage: ControlStage;
  /** Oldest first; of many, the first and the newest. */
  steps: readonly ControlStep[];
  /** null = it is about one thing. */
  progress: OperationProgress | null;
  /** null = it is under way. */
  outcome: ControlOutcome | null;
  /** Ids of the tasks that it published. */
  tasks: readonly string[];
};

/** `GET /api/v1/operations/{id}`. */
export type OperationAnswer = { now: number; operation: Operation };
/** `GET /api/v1/operations`: those under way and the last 200, newest first. */
export type OperationsAnswer = { now: number; operations: readonly Operation[] };

/** `POST /api/v1/operations/{id}/abort`: no more is done; what was done stays. */
export const abortSchema = z.strictObject({});

/** `POST /api/v1/tasks/{id}/revoke`: workers are told to discard it when its turn comes. */
export const revokeSchema = z.strictObject({});
/** `POST /api/v1/tasks/{id}/terminate`: the process that runs it gets the signal. */
export const terminateSchema = z.strictObject({ signal: z.enum(SIGNALS).default('SIGTERM') });

/** `POST /api/v1/tasks/{id}/retry`. */
export const retrySchema = z.strictObject({
  /** Instead of the one it was in. */
  queue: queueName.optional(),
  /** Yes, although it then runs, or may run, twice. */
  twice: z.boolean().default(false),
});
export type RetryWish = z.infer<typeof retrySchema>;

/** Where the arguments of a retry come from. */
export const ARGUMENT_SOURCES = ['result store', 'event'] as const;

/** `GET /api/v1/tasks/{id}/retry`: what a retry would do; nothing is published. */
export type RetryPlan = {
  now: number;
  /** Why it cannot be done; null = it can. */
  refused: string | null;
  /** Why it would, or might, run twice; null = it would not. Then `twice: true` is asked for. */
  twice: string | null;
  name: string | null;
  queue: string | null;
  /** As Python would write them, secrets masked; null while it is refused for their sake. */
  args: string | null;
  kwargs: string | null;
  argumentsFrom: (typeof ARGUMENT_SOURCES)[number] | null;
};

/** `POST /api/v1/tasks/send`. */
export const sendSchema = z
  .strictObject({
    name: taskName,
    args: z.array(z.unknown()).max(1_000).default([]),
    kwargs: z.record(z.string().min(1).max(255), z.unknown()).default({}),
    queue: queueName,
    /** Not before this time: `2026-11-22T08:00:00+00:00`. */
    eta: z.iso.datetime({ offset: true }).optional(),
    /** Not before so many seconds from now. */
    countdown: seconds.optional(),
    /** Not after so many seconds from now, or this time. */
    expires: z.union([seconds, z.iso.datetime({ offset: true })]).optional(),
    priority: z.number().int().min(0).max(255).optional(),
    /** Yes, although no worker that answers knows the name. */
    unregistered: z.boolean().default(false),
    /** The task that this one repeats, perhaps edited. */
    retryOf: taskIdSchema.optional(),
  })
  .refine(({ eta, countdown }) => eta === undefined || countdown === undefined, 'give eta or countdown, not both');
export type SendWish = z.infer<typeof sendSchema>;

export const BULK_ACTIONS = ['revoke', 'retry'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];
/** More tasks than these are not dealt with in one go. */
export const BULK_LIMIT = 10_000;

/** `POST /api/v1/tasks/bulk/preview`; it changes nothing and needs no reason. */
export const bulkPreviewSchema = z.strictObject({ action: z.enum(BULK_ACTIONS), filter: taskFilterSchema });
/** `POST /api/v1/tasks/bulk`: `count` and `fingerprint` as the preview told them. */
export const bulkSchema = bulkPreviewSchema.extend({
  count: z.number().int().min(1).max(BULK_LIMIT),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/, 'take it from the preview'),
  /** Also retry those that then run, or may run, twice. */
  twice: z.boolean().default(false),
});
export type BulkWish = z.infer<typeof bulkSchema>;

export type BulkPreview = {
  now: number;
  action: BulkAction;
  /** Tasks that match the filter and that the action can be done to, as far as their state tells. */
  count: number;
  /** Matching tasks that are left out: they have ended (revoke) or have not (retry). */
  left: number;
  /** There are more than `BULK_LIMIT`: it is refused until the filter is narrower. */
  tooMany: boolean;
  /** Of those, how many would, or might, run twice; 0 for revoke. */
  twice: number;
  sample: readonly Task[];
  /** Of the ids behind `count`. */
  fingerprint: string;
};
