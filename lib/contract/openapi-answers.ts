/** What the API answers, as schemas: those that the contracts do not carry as such already. Checked against the types. */
import { z } from 'zod';
import { type Finding, SEVERITIES } from '#lib/model/finding.ts';
import { FORECAST_LAYERS, type Forecast, OUTCOMES } from '#lib/model/forecast.ts';
import { TASK_STATES, type Task, type TaskDetail } from '#lib/model/task.ts';
import { THROUGHPUT_RANGES, THROUGHPUT_SPLITS } from '#lib/model/throughput.ts';
import type { Schedule } from '#lib/model/ticks.ts';
import { ACTING_SYSTEMS, ACTION_IDS, REFUSALS, ROLES } from '#lib/permissions.ts';
import type { BeatTicks } from './beat.ts';
import {
  ARGUMENT_SOURCES,
  BULK_ACTIONS,
  type BulkPreview,
  CONTROL_STAGES,
  INSPECT_METHODS,
  type InspectAnswer,
  type Operation,
  type OperationAnswer,
  type OperationsAnswer,
  type RetryPlan,
  workerCommandSchema,
} from './control.ts';
import { type Acknowledged, type FindingsAnswer, findingCodeSchema } from './findings.ts';
import type { Session } from './session.ts';
import { transitionSchema } from './stream.ts';
import {
  type TaskActivity,
  type TaskAnswer,
  type TaskCounts,
  type TaskFailures,
  type TaskPage,
  type TaskSuggestions,
  taskEventSchema,
} from './tasks.ts';
import { COUNTED_AT, type Throughput } from './throughput.ts';

/** A schema of exactly this type, whatever is read-only in it. */
type Of<T> = z.ZodType<T>;

const text = z.string();
const told = text.nullable();
const time = z.number().describe('epoch milliseconds');
const timeOrNull = time.nullable();
const figure = z.number();
const subject = z.object({ kind: text, id: text, part: text.optional() });

const taskFields = {
  ...{ id: text, name: told, state: z.enum(TASK_STATES), worker: told, queue: told, args: told, kwargs: told },
  ...{ result: told, exception: told, sentAt: timeOrNull, receivedAt: timeOrNull, startedAt: timeOrNull },
  ...{ finishedAt: timeOrNull, at: time, runtimeMs: figure.nullable(), waitMs: figure.nullable(), retries: figure },
  ...{ redeliveries: figure, eta: timeOrNull, expires: timeOrNull, rootId: told, parentId: told, groupId: told },
  ...{ canary: z.boolean(), endedBy: z.enum(['events', 'result store']).nullable() },
};
const taskSchema = z.object(taskFields) satisfies Of<Task>;
const taskDetailSchema = z.object({
  ...taskFields,
  ...{ traceback: told, exchange: told, routingKey: told, events: z.array(taskEventSchema) },
}) satisfies Of<TaskDetail>;

const acknowledgementSchema = z.object({ by: text, reason: text, at: time, until: time });
const findingSchema = z.object({
  ...{ id: text, code: text, severity: z.enum(SEVERITIES), posture: z.boolean(), subject, host: told, text },
  evidence: z.array(z.object({ by: text, says: text })),
  advice: z.object({ text, command: told }),
  ...{ since: time, lastSeen: timeOrNull, root: told, acknowledged: acknowledgementSchema.nullable() },
  drill: told.exactOptional(),
}) satisfies Of<Omit<Finding, 'subject'>>;
const effectSchema = z.object({
  ...{ layer: z.enum(FORECAST_LAYERS), subject, outcome: z.enum(OUTCOMES), text, successors: z.array(text) },
  outageMs: z.object({ from: figure, to: figure }).nullable(),
  ...{ lostMessages: figure.nullable(), by: z.array(text) },
});
const forecastSchema = z.object({
  ...{ id: text, failing: z.array(subject), outcome: z.enum(OUTCOMES), reason: text, effects: z.array(effectSchema) },
}) satisfies Of<Omit<Forecast, 'failing' | 'effects'>>;

const stepSchema = z.object({ at: time, stage: z.enum(CONTROL_STAGES), text });
const outcomeSchema = z.object({
  ...{ stage: z.enum(CONTROL_STAGES), replies: z.record(text, z.unknown()), evidence: text, tookMs: figure },
  offers: z.array(workerCommandSchema).optional(),
});
const operationSchema = z.object({
  ...{ id: text, action: z.enum(ACTION_IDS as [(typeof ACTION_IDS)[number]]), target: text, by: text, reason: text },
  ...{ startedAt: time, endedAt: timeOrNull, stage: z.enum(CONTROL_STAGES), steps: z.array(stepSchema) },
  progress: z.object({ done: figure, skipped: figure, failed: figure, total: figure.nullable() }).nullable(),
  ...{ outcome: outcomeSchema.nullable(), tasks: z.array(text) },
}) satisfies Of<Omit<Operation, 'outcome'>>;

const scheduleSchema = z.object({
  ...{ id: text, name: text, kwargs: told, intervalMs: figure.nullable(), ticks: figure, lastAt: time, lastBy: text },
  ...{ nextAt: timeOrNull, missed: figure, missedAt: z.array(time), doubled: figure, senders: z.array(text) },
  doubledSlots: z.array(z.object({ at: time, by: z.array(text) })),
}) satisfies Of<Schedule>;

const identitySchema = z.object({ name: text, role: z.enum(ROLES), scopes: z.array(text).nullable() });
const locksSchema = z.object({
  readOnly: z.boolean(),
  disabled: z.array(text),
  acting: z.array(z.enum(ACTING_SYSTEMS)).optional(),
});

const counts = z.array(figure);
const figures = z.array(figure.nullable());

/** Every answer of the API that no other contract has as a schema. */
export const ANSWERS = {
  estate: z.object({
    ...{ instance: text, estate: z.object({ name: text, colour: text }), rev: figure, now: time },
    parts: z.array(z.object({ kind: text, id: text, status: text, word: text })),
    model: z.record(text, z.record(text, z.looseObject({}))).describe('entities by kind and id: lib/model/'),
    transitions: z.array(transitionSchema),
    samples: z.object({ at: counts, series: z.record(text, figures) }),
  }),
  findings: z.object({
    ...{ now: time, findings: z.array(findingSchema), codes: z.record(text, findingCodeSchema) },
  }) satisfies Of<Omit<FindingsAnswer, 'findings'>>,
  acknowledged: z.object({ acknowledged: acknowledgementSchema.nullable() }) satisfies Of<Acknowledged>,
  forecast: z.object({ now: time, forecasts: z.array(forecastSchema) }),
  session: z.object({
    ...{ identity: identitySchema, locks: locksSchema, may: z.record(text, z.enum(REFUSALS).nullable()) },
  }) satisfies Of<Pick<Session, 'identity'>>,
  tasks: z.object({ now: time, tasks: z.array(taskSchema), next: told }) satisfies Of<TaskPage>,
  task: z.object({
    ...{ now: time, task: taskDetailSchema, workflow: z.array(taskSchema), workflowTruncated: z.boolean() },
  }) satisfies Of<TaskAnswer>,
  taskCounts: z.object({
    ...{ now: time, total: figure, byState: z.record(text, figure), exact: z.boolean() },
  }) satisfies Of<TaskCounts>,
  taskActivity: z.object({
    ...{ now: time, from: time, to: time, bucketMs: figure, at: counts, received: counts, succeeded: counts },
    ...{
      failed: counts,
      retried: counts,
      runtimeP50: figures,
      runtimeP95: figures,
      waitP50: figures,
      waitP95: figures,
    },
  }) satisfies Of<TaskActivity>,
  taskFailures: z.object({
    now: time,
    groups: z.array(
      z.object({ exception: text, name: told, count: figure, firstAt: time, lastAt: time, example: taskSchema }),
    ),
  }) satisfies Of<TaskFailures>,
  taskSuggestions: z.object({
    ...{ names: z.array(text), workers: z.array(text), queues: z.array(text), exceptions: z.array(text) },
  }) satisfies Of<TaskSuggestions>,
  throughput: z.object({
    ...{ now: time, range: z.enum(THROUGHPUT_RANGES), by: z.enum(THROUGHPUT_SPLITS), countedAt: z.enum(COUNTED_AT) },
    ...{ pointMs: figure, at: counts, lines: z.array(z.object({ of: told, values: figures })) },
    ...{ runtimeP50: figures, runtimeP95: figures, waitP50: figures, waitP95: figures },
  }) satisfies Of<Throughput>,
  beatTicks: z.object({
    ...{ now: time, from: time, until: time, isTruncated: z.boolean(), schedules: z.array(scheduleSchema) },
  }) satisfies Of<BeatTicks>,
  inspect: z.object({
    ...{ now: time, method: z.enum(INSPECT_METHODS), askedAt: time, tookMs: figure },
    ...{ replies: z.record(text, z.unknown()), silent: z.array(text) },
  }) satisfies Of<InspectAnswer>,
  operation: z.object({ now: time, operation: operationSchema }) satisfies Of<Omit<OperationAnswer, 'operation'>>,
  operations: z.object({ now: time, operations: z.array(operationSchema) }) satisfies Of<
    Omit<OperationsAnswer, 'operations'>
  >,
  retryPlan: z.object({
    ...{ now: time, refused: told, twice: told, name: told, queue: told, args: told, kwargs: told },
    argumentsFrom: z.enum(ARGUMENT_SOURCES).nullable(),
  }) satisfies Of<RetryPlan>,
  bulkPreview: z.object({
    ...{ now: time, action: z.enum(BULK_ACTIONS), count: figure, left: figure, tooMany: z.boolean(), twice: figure },
    ...{ sample: z.array(taskSchema), fingerprint: text },
  }) satisfies Of<BulkPreview>,
} as const;
