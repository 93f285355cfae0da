import { expect, test } from 'vitest';
import type { Task, TaskDetail } from '#lib/model/task.ts';
import { taskOf } from '#server/commands/task-fixture.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import { ownTasks } from './own-tasks.ts';

const FAULT_AT = 10_000_000;

const TRELLIS = { by: 'trellis', pid: null, note: null, retries: null };
const nobodyFell = () => false;

/** Pages of two; a task's starts are those told. */
function readerOf(
  tasks: readonly Task[],
  starts: Readonly<Record<string, readonly number[]>> = {},
  orphaned: Readonly<Record<string, number>> = {},
) {
  const reader: Pick<TaskReader, 'tasks' | 'task'> = {
    async tasks({ state, from = 0, to = Number.POSITIVE_INFINITY, after = '0', canaries }, now) {
      const all = tasks.filter(
        (task) => state?.includes(task.state) && task.at >= from && task.at <= to && (!task.canary || canaries === '1'),
      );
      const end = Number(after) + 2;
      return { now, tasks: all.slice(Number(after), end), next: end < all.length ? String(end) : null };
    },
    async task(id) {
      const task = tasks.find((one) => one.id === id);
      if (task === undefined) return null;
      const events = (starts[id] ?? []).map(
        (at) => ({ type: 'started', at, by: 'w', pid: 1, note: null, retries: null }) as const,
      );
      const left = orphaned[id];
      const ends = left === undefined ? [] : [{ type: 'orphaned', at: left, ...TRELLIS } as const];
      const detail: TaskDetail = {
        ...task,
        traceback: null,
        exchange: null,
        routingKey: null,
        events: [...events, ...ends],
      };
      return { task: detail, workflow: [], workflowTruncated: false };
    },
  };
  return reader;
}

const task = (id: string, more: Partial<Task>): Task => ({ ...taskOf(id, 'SUCCESS'), at: FAULT_AT - 1_000, ...more });

test('only what was sent before the fault and had not ended by then was under way; each is counted by its end', async () => {
  const tasks = [
    task('ended before', { finishedAt: FAULT_AT - 1 }),
    task('ended after', { finishedAt: FAULT_AT + 1 }),
    task('failed after', { state: 'FAILURE', finishedAt: FAULT_AT + 5_000 }),
    task('sent after', { at: FAULT_AT + 1, finishedAt: FAULT_AT + 2 }),
    task('left behind', { state: 'ORPHANED' }),
    task('waits still', { state: 'PENDING' }),
    task('runs still', { state: 'STARTED' }),
    task('of another day', { state: 'STARTED', at: FAULT_AT - 3_600_001 }),
    task('a canary', { canary: true, finishedAt: FAULT_AT + 1 }),
  ];
  expect(await ownTasks(readerOf(tasks), FAULT_AT, FAULT_AT + 60_000, nobodyFell)).toEqual({
    ...{ told: { inFlight: 5, finished: 2, orphaned: 1, repeated: 0 }, untold: 0 },
  });
});

test('what was left behind before the fault is no cost of it', async () => {
  const tasks = [task('before', { state: 'ORPHANED' }), task('after', { state: 'ORPHANED' })];
  const reader = readerOf(tasks, {}, { before: FAULT_AT, after: FAULT_AT + 1 });
  const { told } = await ownTasks(reader, FAULT_AT, FAULT_AT + 60_000, nobodyFell);
  expect(told).toMatchObject({ inFlight: 1, orphaned: 1 });
});

test('what a worker had that fell is untold until it ends, comes again elsewhere, or is called left behind', async () => {
  const tasks = [
    task('had it', { state: 'STARTED', worker: 'fallen' }),
    task('had taken it', { state: 'RECEIVED', worker: 'fallen' }),
    task('ended', { worker: 'fallen', finishedAt: FAULT_AT + 1 }),
    task('left behind', { state: 'ORPHANED', worker: 'fallen' }),
    task('elsewhere', { state: 'STARTED', worker: 'stands' }),
    task('waits', { state: 'PENDING', worker: null }),
  ];
  const { untold } = await ownTasks(readerOf(tasks), FAULT_AT, FAULT_AT + 1, (worker) => worker === 'fallen');
  expect(untold).toBe(2);
});

test('delivered again is repeated only where it also started again, beyond its own retries and after the fault', async () => {
  const late = { finishedAt: FAULT_AT + 9_000, redeliveries: 1 };
  const tasks = [
    task('twice', late),
    task('delivered twice, started once', late),
    task('a retry of its own', { ...late, retries: 1 }),
    task('twice before the fault', late),
  ];
  const starts = {
    twice: [FAULT_AT - 500, FAULT_AT + 800],
    'delivered twice, started once': [FAULT_AT + 800],
    'a retry of its own': [FAULT_AT - 500, FAULT_AT + 800],
    'twice before the fault': [FAULT_AT - 500, FAULT_AT - 200],
  };
  const { told } = await ownTasks(readerOf(tasks, starts), FAULT_AT, FAULT_AT + 60_000, nobodyFell);
  expect(told).toMatchObject({ inFlight: 4, repeated: 1 });
});
