/** Tasks for tests. */
import type { Task } from '#lib/model/task.ts';

/** A task that succeeded, with what a test says of it. */
export function sampleTask(id: string, rest: Partial<Task> = {}): Task {
  return {
    ...{
      id,
      name: 'lab.add',
      state: 'SUCCESS',
      worker: 'celery@host-1',
      queue: 'celery',
      args: '(1, 2)',
      kwargs: '{}',
    },
    ...{ result: '3', exception: null, sentAt: null, receivedAt: 1, startedAt: 2, finishedAt: 3, at: 1 },
    ...{
      runtimeMs: 1,
      waitMs: null,
      retries: 0,
      redeliveries: 0,
      eta: null,
      expires: null,
      rootId: id,
      parentId: null,
    },
    ...{ groupId: null, canary: false, endedBy: 'events' },
    ...rest,
  };
}
