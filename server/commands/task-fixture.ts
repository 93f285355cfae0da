/** Tasks for tests, and a store that holds them. */
import type { TaskFilter } from '#lib/contract/tasks.ts';
import type { Task, TaskState } from '#lib/model/task.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';

/** A failed `lab.add` with plain arguments. */
export function taskOf(id: string, state: TaskState = 'FAILURE'): Task {
  return {
    ...{ id, name: 'lab.add', state, worker: null, queue: 'celery', args: '(1, 2)', kwargs: '{}', result: null },
    ...{ exception: null, sentAt: 1, receivedAt: null, startedAt: null, finishedAt: null, at: 1, runtimeMs: null },
    ...{ waitMs: null, retries: 0, redeliveries: 0, eta: null, expires: null, rootId: null, parentId: null },
    ...{ groupId: null, canary: false, endedBy: null },
  };
}

/** Answers for these tasks, by their states and names; pages have two tasks unless told. */
export function tasksHeld(held: Task[], pageSize = 2): TaskReader {
  const matching = ({ state, name }: TaskFilter) =>
    held.filter((task) => (state?.includes(task.state) ?? true) && (name?.includes(task.name ?? '') ?? true));
  const unasked = () => Promise.reject(new Error('nobody asks for this here'));
  return {
    async tasks(query, now) {
      const from = Number(query.after ?? 0);
      const all = matching(query);
      const next = from + pageSize < all.length ? String(from + pageSize) : null;
      return { now, tasks: all.slice(from, from + pageSize), next };
    },
    async task(id) {
      const task = held.find((one) => one.id === id);
      if (task === undefined) return null;
      const detail = { ...task, traceback: null, exchange: null, routingKey: null, events: [] };
      return { task: detail, workflow: [], workflowTruncated: false };
    },
    counts: async (filter, now) => ({ now, total: matching(filter).length, byState: {}, exact: true }),
    activity: unasked,
    failures: unasked,
    suggestions: unasked,
    largest: unasked,
    sentBy: unasked,
    stats: unasked,
    close: async () => undefined,
  };
}
