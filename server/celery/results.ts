/** What Celery stores of a task under `celery-task-meta-<id>`. Pure. */
import type { TaskChange, TaskFields } from '#server/ingest/merge.ts';
import { canaryFields, NAME_LIMIT, RETRIES_LIMIT, TEXT_LIMITS } from './events.ts';
import { parsePython } from './json.ts';
import { reprOf, tupleOf } from './repr.ts';
import { countOf, isoTimeOf, objectOf, textOf } from './values.ts';

/** A stored result. Everything beyond the status may be missing: null. */
export type ResultMeta = {
  /** Celery's state, or one of the task's own (`PROGRESS`). */
  status: string;
  /** What it returned, printed as Python prints it; only of a success. */
  result: string | null;
  /** `ValueError('x')`. */
  exception: string | null;
  traceback: string | null;
  /** When it ended (epoch ms); null while it has not. */
  doneAt: number | null;
  /** From here on only where `result_extended` is on. */
  name: string | null;
  args: string | null;
  kwargs: string | null;
  worker: string | null;
  retries: number | null;
  queue: string | null;
  parentId: string | null;
  groupId: string | null;
  /** Ids of the tasks that it called. */
  children: readonly string[];
};

const CHILDREN_LIMIT = 1_000;

/** The stored result. @throws SyntaxError when it is no JSON, TypeError when it is no result */
export function parseResult(value: string | Uint8Array): ResultMeta {
  const meta = objectOf(parsePython(value));
  const status = shortOf(meta?.status);
  if (meta === null || status === null) throw new TypeError('not a result of Celery');
  return {
    status,
    result: status === 'SUCCESS' ? reprOf(meta.result, TEXT_LIMITS.result) : null,
    exception: EXCEPTION_STATES.includes(status) ? exceptionOf(meta.result) : null,
    traceback: textOf(meta.traceback, TEXT_LIMITS.traceback),
    doneAt: isoTimeOf(meta.date_done),
    name: shortOf(meta.name),
    args: printedArgs(meta.args),
    kwargs: printedKwargs(meta.kwargs),
    worker: shortOf(meta.worker),
    retries: countOf(meta.retries, RETRIES_LIMIT),
    queue: shortOf(meta.queue),
    parentId: shortOf(meta.parent_id),
    groupId: shortOf(meta.group_id),
    children: childrenOf(meta.children),
  };
}

const EXCEPTION_STATES: readonly string[] = ['FAILURE', 'RETRY', 'REVOKED'];

/**
 * The result as an event of the task: at the end that it tells, else at `readAt` (epoch ms).
 * @throws TypeError when neither is known
 */
export function resultChange(id: string, meta: ResultMeta, readAt: number | null = null): TaskChange {
  const at = meta.doneAt ?? readAt;
  if (at === null) throw new TypeError('a result without a time needs the time at which it was read');
  const told: { [K in keyof TaskFields]: TaskFields[K] | null } = {
    ...{ name: meta.name, args: meta.args, kwargs: meta.kwargs, queue: meta.queue, worker: meta.worker },
    ...{ result: meta.result, exception: meta.exception, traceback: meta.traceback },
    ...{ parentId: meta.parentId, groupId: meta.groupId },
  };
  const fields = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)) as TaskFields;
  const event = { type: 'result' as const, at, by: null, pid: null, note: meta.status, retries: meta.retries };
  return { id, event, fields: { ...fields, ...canaryFields(id, meta.name) } };
}

/** As Celery's events print it. A JSON result store keeps type and arguments; the type alone names it where they are gone. */
function exceptionOf(value: unknown): string | null {
  const stored = objectOf(value);
  if (stored === null) return value === null || value === undefined ? null : printed(value);
  const type = shortOf(stored.exc_type);
  if (type === null) return null;
  const message = stored.exc_message;
  const args = Array.isArray(message) ? message : message === undefined || message === null ? [] : [message];
  const list = args.map((arg) => reprOf(arg, TEXT_LIMITS.exception)).join(', ');
  return textOf(`${type}(${list})`, TEXT_LIMITS.exception);
}

function printed(value: unknown): string | null {
  return typeof value === 'string' ? textOf(value, TEXT_LIMITS.exception) : reprOf(value, TEXT_LIMITS.exception);
}

function printedArgs(value: unknown): string | null {
  return Array.isArray(value) ? tupleOf(value, TEXT_LIMITS.args) : textOf(value, TEXT_LIMITS.args);
}

function printedKwargs(value: unknown): string | null {
  return objectOf(value) === null ? textOf(value, TEXT_LIMITS.kwargs) : reprOf(value, TEXT_LIMITS.kwargs);
}

/** Celery stores each as `[[id, parent], results of its group]`. */
function childrenOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, CHILDREN_LIMIT).flatMap((child) => {
    const self = Array.isArray(child) ? child[0] : null;
    const id = shortOf(Array.isArray(self) ? self[0] : self);
    return id === null ? [] : [id];
  });
}

function shortOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= NAME_LIMIT ? value.toWellFormed() : null;
}
