/** Why an action makes no sense for a task as it is now; null = it does. Pure. */
import { STATE_WORDS } from '#lib/format/task.ts';
import { isEnded, type TaskState } from '#lib/model/task.ts';

export function whyNotRevoke(state: TaskState): string | null {
  if (isEnded(state)) return `It has ended: ${STATE_WORDS[state]}`;
  return state === 'STARTED' ? 'It runs already: only Terminate ends it' : null;
}

export function whyNotTerminate(state: TaskState): string | null {
  return isEnded(state) ? `It has ended: ${STATE_WORDS[state]}` : null;
}

/** Whether it was told what the task is called. */
export function whyNotRetry(name: string | null): string | null {
  return name === null ? 'No event told its name' : null;
}
