/** For tests: a short way to write the events of one task by hand. */
import type { TaskEvent, TaskEventType } from '#lib/model/task.ts';
import type { TaskChange, TaskFields } from './merge.ts';

/** Epoch ms of the first events. */
export const T0 = 1_795_288_211_000;
export const TASK = 'f9f2661e-7af9-401b-800c-38fb399e300b';

/** A change by worker `w1`, `ms` after the start. */
export function change(
  type: TaskEventType,
  ms: number,
  fields: TaskFields = {},
  event: Partial<TaskEvent> = {},
): TaskChange {
  const by = type === 'orphaned' || type === 'result' ? null : type === 'sent' ? 'gen7@app' : 'w1@h1';
  const retries = type === 'received' || type === 'sent' ? 0 : null;
  return { id: TASK, event: { type, at: T0 + ms, by, pid: 7, note: null, retries, ...event }, fields };
}
