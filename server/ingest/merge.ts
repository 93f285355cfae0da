/**
 * The merge: a task is what the set of its events says. Joining is idempotent, commutative and associative, so that
 * repetition and order of delivery change nothing. Pure.
 */
import type { Task, TaskDetail, TaskEvent } from '#lib/model/task.ts';

/** What an event may tell besides that it happened. Absent = it does not tell. */
export type TaskFields = {
  name?: string;
  args?: string;
  kwargs?: string;
  queue?: string;
  exchange?: string;
  routingKey?: string;
  result?: string;
  exception?: string;
  traceback?: string;
  runtimeMs?: number;
  eta?: number;
  expires?: number;
  rootId?: string;
  parentId?: string;
  groupId?: string;
  canary?: boolean;
};

/** One event of one task. */
export type TaskChange = { id: string; event: TaskEvent; fields: TaskFields };

/** All that is kept of a task: its events, and the fields with what decides between them. JSON. */
export type TaskRecord = { id: string; events: readonly TaskEvent[] };

/** The record with more events; the same object when they add nothing. */
export function mergeTask(_record: TaskRecord | null, _changes: readonly TaskChange[]): TaskRecord {
  throw new Error('not written yet');
}

/** The task that the record tells. */
export function taskOf(_record: TaskRecord): Task {
  throw new Error('not written yet');
}

/** The task with everything. */
export function detailOf(_record: TaskRecord): TaskDetail {
  throw new Error('not written yet');
}
