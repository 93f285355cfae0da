/** A task as Flower writes it: the fields of Celery's own `Task`, times in seconds. Pure. */
import type { Task, TaskDetail, TaskEvent, TaskState } from '#lib/model/task.ts';

/** What Flower tells of a task. What Trellis does not keep (`clock`) is null. */
export type FlowerTask = {
  uuid: string;
  name: string | null;
  state: TaskState;
  received: number | null;
  sent: number | null;
  started: number | null;
  rejected: number | null;
  succeeded: number | null;
  failed: number | null;
  retried: number | null;
  revoked: number | null;
  args: string | null;
  kwargs: string | null;
  eta: string | null;
  expires: string | null;
  retries: number;
  worker: string | null;
  result: string | null;
  exception: string | null;
  timestamp: number | null;
  runtime: number | null;
  traceback: string | null;
  exchange: string | null;
  routing_key: string | null;
  clock: null;
  client: string | null;
  root: string | null;
  root_id: string | null;
  parent: string | null;
  parent_id: string | null;
  children: readonly string[];
};

/** The task in Flower's words. What only its details tell is null for one of a list. */
export function flowerTask(task: Task | TaskDetail, children: readonly string[] = []): FlowerTask {
  const detail = 'events' in task ? task : null;
  const endedAs = (state: TaskState) => (task.state === state ? seconds(task.finishedAt) : null);
  return {
    uuid: task.id,
    name: task.name,
    state: flowerState(task.state),
    received: seconds(task.receivedAt),
    sent: seconds(task.sentAt),
    started: seconds(task.startedAt),
    rejected: endedAs('REJECTED'),
    succeeded: endedAs('SUCCESS'),
    failed: endedAs('FAILURE'),
    retried: seconds(detail === null ? null : newest(detail.events, 'retried')),
    revoked: endedAs('REVOKED'),
    args: task.args,
    kwargs: task.kwargs,
    eta: iso(task.eta),
    expires: iso(task.expires),
    retries: task.retries,
    worker: task.worker,
    result: task.result,
    exception: task.exception,
    timestamp: seconds(task.finishedAt ?? task.startedAt ?? task.receivedAt ?? task.sentAt ?? task.at),
    runtime: seconds(task.runtimeMs),
    traceback: detail?.traceback ?? null,
    exchange: detail?.exchange ?? null,
    routing_key: detail?.routingKey ?? null,
    clock: null,
    client: detail?.events.find(({ type }) => type === 'sent')?.by ?? null,
    root: task.rootId,
    root_id: task.rootId,
    parent: task.parentId,
    parent_id: task.parentId,
    children,
  };
}

/** Celery has no word for a task whose worker is gone; in Flower it stays as it was last seen. */
export function flowerState(state: TaskState): TaskState {
  return state === 'ORPHANED' ? 'STARTED' : state;
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000;
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString().replace('Z', '+00:00');
}

function newest(events: readonly TaskEvent[], type: TaskEvent['type']): number | null {
  return events.findLast((event) => event.type === type)?.at ?? null;
}
