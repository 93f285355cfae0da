import { expect, test } from 'vitest';
import type { CeleryWorker } from '#lib/model/celery.ts';
import type { Task } from '#lib/model/task.ts';
import { taskOf } from '#server/commands/task-fixture.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { settledTasks } from './settled-tasks.ts';

const FAULT_AT = 10_000_000;

/** One task, at work on one worker when it was killed; `since` = when that worker began anew. */
function setUp({ since = FAULT_AT + 3_000, state = 'online' as CeleryWorker['state'] } = {}) {
  const clock = manualClock(FAULT_AT + 20_000);
  const task = { ...taskOf('a', 'STARTED'), at: FAULT_AT - 1_000, worker: 'w' } satisfies Task;
  const world = { clock, task: task as Task, looks: 0 };
  const reader = {
    async tasks({ state: wanted }: { state?: readonly string[] | undefined }, now: number) {
      world.looks += 1;
      return { now, tasks: wanted?.includes(world.task.state) === true ? [world.task] : [], next: null };
    },
    task: async () => null,
  };
  const workers = { w: { id: 'w', state, since } as CeleryWorker };
  const stopping = new AbortController();
  const settled = settledTasks(reader, FAULT_AT, {
    ...{ model: () => ({ celeryWorkers: workers }), clock, signal: stopping.signal },
  });
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) {
      for (let i = 0; i < 20; i += 1) await Promise.resolve();
      clock.advance(500);
    }
    for (let i = 0; i < 20; i += 1) await Promise.resolve();
  };
  return Object.assign(world, { settled, pass, stopping });
}

test('the account waits until it is told what became of the tasks that a killed worker had', async () => {
  const world = setUp();
  await world.pass(10_000);
  world.task = { ...world.task, state: 'ORPHANED' };
  await world.pass(3_000);
  expect(await world.settled).toMatchObject({ inFlight: 1, orphaned: 1 });
});

test('it waits for a minute at most', async () => {
  const world = setUp({ state: 'silent', since: FAULT_AT - 1 });
  await world.pass(62_000);
  expect(await world.settled).toMatchObject({ inFlight: 1, orphaned: 0 });
});

test('it does not wait for a worker that stood, nor while Trellis is being stopped', async () => {
  expect(await setUp({ since: FAULT_AT - 60_000 }).settled).toMatchObject({ inFlight: 1, orphaned: 0 });
  const world = setUp();
  world.stopping.abort();
  expect(await world.settled).toMatchObject({ inFlight: 1 });
});
