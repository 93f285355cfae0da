/** Every route of the API, with what it takes and answers: what `/api/v1/openapi.json` is made of. */
import { z } from 'zod';
import { auditAnswerSchema, auditExportSchema, auditQuerySchema } from './audit.ts';
import { beatTicksQuerySchema } from './beat.ts';
import {
  abortSchema,
  bulkPreviewSchema,
  bulkSchema,
  inspectQuerySchema,
  retrySchema,
  revokeSchema,
  sendSchema,
  terminateSchema,
  workerCommandSchema,
} from './control.ts';
import { drillPlanAnswerSchema, drillsAnswerSchema, runAnswerSchema, runsAnswerSchema } from './drill-answers.ts';
import {
  abortRunSchema,
  overviewAnswerSchema,
  planRequestSchema,
  runQuerySchema,
  runsQuerySchema,
  startRunSchema,
  undoRunSchema,
} from './drills.ts';
import { acknowledgeSchema, withdrawSchema } from './findings.ts';
import { ANSWERS } from './openapi-answers.ts';
import { activityQuerySchema, exportQuerySchema } from './task-requests.ts';
import { taskFilterSchema, taskQuerySchema } from './tasks.ts';
import { throughputQuerySchema } from './throughput.ts';
import { timelineQuerySchema, timelineSchema } from './timeline.ts';

export const API_METHODS = ['get', 'post', 'delete'] as const;
export type ApiMethod = (typeof API_METHODS)[number];

/** Stable codes of problems, by HTTP status. */
export type Problems = Readonly<Record<number, readonly string[]>>;

export type ApiRoute = {
  method: ApiMethod;
  /** `/api/v1/tasks/{id}`; what is in braces is described in `inPath`. */
  path: string;
  /** One sentence. */
  summary: string;
  inPath?: Readonly<Record<string, string>>;
  query?: z.ZodType;
  /** Of what is sent, without the `reason` that every write also has. */
  body?: z.ZodType;
  /** It passes the gate: takes a reason and an idempotency key. */
  isWrite?: true;
  /** JSON of this shape, or other types of content. */
  answer: z.ZodType | readonly string[];
  status?: 200 | 202;
  problems: readonly Problems[];
};

/** Who asks: credentials are optional on loopback, and wrong ones are refused. */
const DOOR: Problems = {
  401: ['LOGIN_UNKNOWN', 'TOKEN_UNKNOWN', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'TOKENS_UNREADABLE'],
  403: ['HOST_UNKNOWN'],
};
const PERMISSION: Problems = {
  403: ['CROSS_SITE', 'READ_ONLY', 'ACTION_DISABLED', 'NO_CREDENTIALS', 'ROLE_TOO_LOW', 'SCOPE_MISSING'],
};
const BODY: Problems = { 400: ['INVALID_BODY'], 408: ['TOO_SLOW'], 413: ['TOO_LARGE'], 415: ['NOT_JSON'] };
/** Of every write. */
const GATE: readonly Problems[] = [
  DOOR,
  PERMISSION,
  BODY,
  {
    400: ['REASON_MISSING', 'KEY_MISSING'],
    409: ['IN_PROGRESS', 'OUTCOME_UNKNOWN'],
    422: ['KEY_REUSED'],
    500: ['EFFECT_FAILED'],
    503: ['AUDIT_UNAVAILABLE'],
  },
];
const QUERY: Problems = { 400: ['INVALID_QUERY'] };
const TASKS: readonly Problems[] = [
  QUERY,
  { 400: ['SEARCH_INVALID'], 404: ['TASKS_OFF'], 503: ['HISTORY_UNAVAILABLE'] },
];
const AUDIT: readonly Problems[] = [DOOR, QUERY, { 503: ['AUDIT_UNAVAILABLE'] }];
const CELERY_OFF: Problems = { 404: ['CELERY_OFF'] };
const BROKER: Problems = { 503: ['BROKER_UNREACHABLE'] };
const PUBLISH: Problems = { 409: ['PUBLISH_UNROUTABLE'], 503: ['PUBLISH_REFUSED', 'PUBLISH_UNCONFIRMED'] };
const ONE_TASK: Problems = { 404: ['TASK_UNKNOWN'], 409: ['TASK_ENDED'], 503: ['HISTORY_UNAVAILABLE'] };
const RETRY: Problems = { 409: ['RETRY_REFUSED', 'WOULD_RUN_TWICE'] };
const BULK: Problems = {
  400: ['SEARCH_INVALID'],
  409: ['BULK_CHANGED', 'BULK_TOO_MANY'],
  503: ['HISTORY_UNAVAILABLE'],
};
const RUNS: Problems = { 503: ['RUNS_UNAVAILABLE'] };
const ONE_RUN: Problems = { 404: ['RUN_UNKNOWN'] };
const BUSY: Problems = { 409: ['OPERATION_UNDER_WAY'] };

const taskInPath = { id: 'Celery’s task id' };
const workerInPath = { name: 'Celery’s node name, `celery@host-1`; `all` = every worker' };
const drillInPath = { id: 'id of the drill, `redis-switch`' };
const runInPath = { id: 'id of the run: that of the write in the audit' };
const operationInPath = { id: 'id of the write in the audit' };

/** In the order of the paths. */
export const API_ROUTES: readonly ApiRoute[] = [
  {
    ...{ method: 'get', path: '/api/v1/audit', summary: 'A page of the audit, newest first.' },
    ...{ query: auditQuerySchema, answer: auditAnswerSchema, problems: AUDIT },
  },
  {
    ...{ method: 'get', path: '/api/v1/audit/export', summary: 'The audit under a filter as a file.' },
    ...{ query: auditExportSchema, answer: ['text/csv', 'application/json'], problems: AUDIT },
  },
  {
    ...{ method: 'get', path: '/api/v1/beat/ticks', summary: 'What beat sent of late, by schedule.' },
    ...{ query: beatTicksQuerySchema, answer: ANSWERS.beatTicks },
    problems: TASKS,
  },
  {
    ...{ method: 'get', path: '/api/v1/drills', summary: 'What can be drilled, and how it went before.' },
    ...{ answer: drillsAnswerSchema, problems: [DOOR, PERMISSION, RUNS] },
  },
  {
    ...{ method: 'get', path: '/api/v1/drills/overview', summary: 'What high availability costs while all is well.' },
    ...{ answer: overviewAnswerSchema },
    problems: [DOOR, PERMISSION, { 503: ['OVERVIEW_UNREADABLE'] }],
  },
  {
    ...{ method: 'post', path: '/api/v1/drills/{id}/plan', summary: 'A dry run: what a drill would do now.' },
    ...{ inPath: drillInPath, body: planRequestSchema, answer: drillPlanAnswerSchema },
    problems: [DOOR, PERMISSION, BODY, { 404: ['DRILL_UNKNOWN'] }],
  },
  {
    ...{ method: 'get', path: '/api/v1/estate', summary: 'The whole model as it is now.' },
    ...{ answer: ANSWERS.estate, problems: [] },
  },
  {
    ...{ method: 'get', path: '/api/v1/findings', summary: 'What is wrong now, the gravest first.' },
    ...{ answer: ANSWERS.findings, problems: [] },
  },
  {
    ...{ method: 'post', path: '/api/v1/findings/ack', summary: 'Somebody is on a finding.', isWrite: true },
    ...{ body: acknowledgeSchema.omit({ reason: true }), answer: ANSWERS.acknowledged },
    problems: [...GATE, { 404: ['FINDING_UNKNOWN'], 503: ['HISTORY_UNAVAILABLE'] }],
  },
  {
    ...{ method: 'delete', path: '/api/v1/findings/ack', summary: 'Nobody is on it any more.', isWrite: true },
    ...{ body: withdrawSchema, answer: ANSWERS.acknowledged },
    problems: [...GATE, { 503: ['HISTORY_UNAVAILABLE'] }],
  },
  {
    ...{ method: 'get', path: '/api/v1/forecast', summary: 'What losing each host, process or pair would cost.' },
    ...{ answer: ANSWERS.forecast, problems: [] },
  },
  {
    ...{ method: 'get', path: '/api/v1/openapi.json', summary: 'This document.' },
    ...{ answer: z.looseObject({ openapi: z.string() }), problems: [] },
  },
  {
    ...{ method: 'get', path: '/api/v1/operations', summary: 'Operations under way, and the last that ended.' },
    ...{ answer: ANSWERS.operations, problems: [DOOR, PERMISSION] },
  },
  {
    ...{ method: 'get', path: '/api/v1/operations/{id}', summary: 'How far an operation is.' },
    ...{ inPath: operationInPath, answer: ANSWERS.operation },
    problems: [DOOR, PERMISSION, { 404: ['OPERATION_UNKNOWN'] }],
  },
  {
    ...{ method: 'post', path: '/api/v1/operations/{id}/abort', summary: 'Calls an operation off.', isWrite: true },
    ...{ inPath: operationInPath, body: abortSchema, answer: ANSWERS.operation, status: 202 },
    problems: [...GATE, { 404: ['OPERATION_UNKNOWN'], 409: ['OPERATION_ENDED'] }],
  },
  {
    ...{ method: 'get', path: '/api/v1/runs', summary: 'Runs of drills, newest first.', query: runsQuerySchema },
    ...{ answer: runsAnswerSchema, problems: [DOOR, PERMISSION, QUERY, RUNS] },
  },
  {
    ...{ method: 'post', path: '/api/v1/runs', summary: 'Starts a drill, by the plan that was read.', isWrite: true },
    ...{ body: startRunSchema, answer: runAnswerSchema, status: 202 },
    problems: [...GATE, RUNS, { 400: ['TARGET_MISMATCH'], 409: ['DRILL_REFUSED', 'STATE_CHANGED'] }],
  },
  {
    ...{ method: 'get', path: '/api/v1/runs/{id}', summary: 'A run and its report.', inPath: runInPath },
    ...{ query: runQuerySchema, answer: runAnswerSchema },
    problems: [DOOR, PERMISSION, QUERY, ONE_RUN, RUNS, { 400: ['OTHER_DRILL'] }],
  },
  {
    ...{ method: 'post', path: '/api/v1/runs/{id}/abort', summary: 'Calls a run off, and takes back what it did.' },
    ...{ inPath: runInPath, isWrite: true, body: abortRunSchema, answer: runAnswerSchema, status: 202 },
    problems: [...GATE, ONE_RUN, RUNS, { 409: ['RUN_ENDED'] }],
  },
  {
    ...{ method: 'post', path: '/api/v1/runs/{id}/undo', summary: 'Takes back what a lost run left.' },
    ...{ inPath: runInPath, isWrite: true, body: undoRunSchema, answer: runAnswerSchema },
    problems: [...GATE, ONE_RUN, RUNS, { 409: ['NOTHING_LEFT', 'UNDO_FAILED'] }],
  },
  {
    ...{ method: 'get', path: '/api/v1/session', summary: 'Who asks, and what they may do.' },
    ...{ answer: ANSWERS.session, problems: [DOOR] },
  },
  {
    ...{ method: 'get', path: '/api/v1/stream', summary: 'The model, live: lib/contract/stream.ts has the events.' },
    ...{ answer: ['text/event-stream'], problems: [] },
  },
  {
    ...{ method: 'get', path: '/api/v1/tasks', summary: 'A page of tasks under a filter.' },
    ...{ query: taskQuerySchema, answer: ANSWERS.tasks, problems: [...TASKS, { 400: ['CURSOR_INVALID'] }] },
  },
  {
    ...{ method: 'get', path: '/api/v1/tasks/activity', summary: 'Tasks per bucket of time.' },
    ...{ query: activityQuerySchema, answer: ANSWERS.taskActivity, problems: TASKS },
  },
  {
    ...{ method: 'post', path: '/api/v1/tasks/bulk', summary: 'Revokes or retries all tasks of a preview.' },
    ...{ isWrite: true, body: bulkSchema, answer: ANSWERS.operation, status: 202 },
    problems: [...GATE, CELERY_OFF, BULK, BUSY, BROKER],
  },
  {
    ...{ method: 'post', path: '/api/v1/tasks/bulk/preview', summary: 'What a bulk action would be done to.' },
    ...{ body: bulkPreviewSchema, answer: ANSWERS.bulkPreview },
    problems: [DOOR, PERMISSION, BODY, CELERY_OFF, BULK],
  },
  {
    ...{ method: 'get', path: '/api/v1/tasks/counts', summary: 'How many tasks match a filter, by state.' },
    ...{ query: taskFilterSchema, answer: ANSWERS.taskCounts, problems: TASKS },
  },
  {
    ...{ method: 'get', path: '/api/v1/tasks/export', summary: 'Every task under a filter as a file.' },
    ...{ query: exportQuerySchema, answer: ['text/csv', 'application/json'], problems: TASKS },
  },
  {
    ...{ method: 'get', path: '/api/v1/tasks/failures', summary: 'Failed tasks by exception and name.' },
    ...{ query: taskFilterSchema, answer: ANSWERS.taskFailures, problems: TASKS },
  },
  {
    ...{ method: 'post', path: '/api/v1/tasks/send', summary: 'Sends a task by its name.', isWrite: true },
    ...{ body: sendSchema, answer: ANSWERS.operation, status: 202 },
    problems: [
      ...[...GATE, CELERY_OFF, BUSY, BROKER, PUBLISH],
      { 400: ['INPUT_INVALID'], 409: ['TASK_UNREGISTERED'], 503: ['INSPECT_BUSY'] },
    ],
  },
  {
    ...{ method: 'get', path: '/api/v1/tasks/suggestions', summary: 'What tasks can be filtered by.' },
    ...{ answer: ANSWERS.taskSuggestions, problems: TASKS },
  },
  {
    ...{ method: 'get', path: '/api/v1/tasks/{id}', summary: 'One task, and the tasks of its workflow.' },
    ...{ inPath: taskInPath, answer: ANSWERS.task, problems: [...TASKS, { 404: ['TASK_UNKNOWN'] }] },
  },
  {
    ...{ method: 'get', path: '/api/v1/tasks/{id}/retry', summary: 'What a retry would do.', inPath: taskInPath },
    ...{ query: z.object({ queue: z.string().optional() }), answer: ANSWERS.retryPlan },
    problems: [DOOR, PERMISSION, CELERY_OFF, { 404: ['TASK_UNKNOWN'], 503: ['HISTORY_UNAVAILABLE'] }],
  },
  {
    ...{ method: 'post', path: '/api/v1/tasks/{id}/retry', summary: 'Runs a task again.', inPath: taskInPath },
    ...{ isWrite: true, body: retrySchema, answer: ANSWERS.operation, status: 202 },
    problems: [...GATE, CELERY_OFF, ONE_TASK, RETRY, BUSY, BROKER, PUBLISH],
  },
  {
    ...{
      method: 'post',
      path: '/api/v1/tasks/{id}/revoke',
      summary: 'Has workers discard a task when its turn comes.',
    },
    ...{ inPath: taskInPath, isWrite: true, body: revokeSchema, answer: ANSWERS.operation, status: 202 },
    problems: [...GATE, CELERY_OFF, ONE_TASK, BUSY, BROKER],
  },
  {
    ...{ method: 'post', path: '/api/v1/tasks/{id}/terminate', summary: 'Ends a task where it runs.', isWrite: true },
    ...{ inPath: taskInPath, body: terminateSchema, answer: ANSWERS.operation, status: 202 },
    problems: [...GATE, CELERY_OFF, ONE_TASK, BUSY, BROKER],
  },
  {
    ...{ method: 'get', path: '/api/v1/throughput', summary: 'Tasks over time, by state, name, queue or worker.' },
    ...{ query: throughputQuerySchema, answer: ANSWERS.throughput },
    problems: [QUERY, { 404: ['TASKS_OFF'], 503: ['HISTORY_UNAVAILABLE'] }],
  },
  {
    ...{ method: 'get', path: '/api/v1/timeline', summary: 'A page of the timeline, and when Trellis was blind.' },
    ...{ query: timelineQuerySchema, answer: timelineSchema, problems: [QUERY, { 503: ['HISTORY_UNAVAILABLE'] }] },
  },
  {
    ...{
      method: 'post',
      path: '/api/v1/workers/{name}/control',
      summary: 'Commands a worker, and watches the effect.',
    },
    ...{ inPath: workerInPath, isWrite: true, body: workerCommandSchema, answer: ANSWERS.operation, status: 202 },
    problems: [...GATE, CELERY_OFF, BUSY, BROKER],
  },
  {
    ...{ method: 'get', path: '/api/v1/workers/{name}/inspect', summary: 'Asks a worker.', inPath: workerInPath },
    ...{ query: inspectQuerySchema, answer: ANSWERS.inspect },
    problems: [DOOR, PERMISSION, QUERY, CELERY_OFF, BROKER, { 400: ['INPUT_INVALID'], 503: ['INSPECT_BUSY'] }],
  },
];
