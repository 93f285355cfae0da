/** The estate's own tasks once it is told what became of those that a worker had when it fell. */
import type { OwnTasks } from '#lib/contract/drills.ts';
import type { Model } from '#lib/model/model.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { ownTasks } from './own-tasks.ts';
import { sleeper } from './sleep.ts';

/** A worker is in question after 10 s; its tasks are asked about then, of it, of the others and of the result store. */
const SETTLE_LIMIT_MS = 60_000;
const LOOK_MS = 2_000;

/** Counts until nothing is untold, for a minute at most; at once when the signal aborts. `faultAt` is epoch ms. */
export async function settledTasks(
  reader: Pick<TaskReader, 'tasks' | 'task'>,
  faultAt: number,
  { model, clock, signal }: { model(): Pick<Model, 'celeryWorkers'>; clock: TimerClock; signal: AbortSignal },
): Promise<OwnTasks> {
  const pause = sleeper(clock);
  const endAt = clock.now() + SETTLE_LIMIT_MS;
  const hasFallen = (id: string) => {
    const worker = model().celeryWorkers[id];
    return worker === undefined || worker.state !== 'online' || worker.since > faultAt;
  };
  for (;;) {
    const { told, untold } = await ownTasks(reader, faultAt, clock.now(), hasFallen);
    if (untold === 0 || signal.aborted || clock.now() >= endAt) return told;
    await pause(LOOK_MS, signal);
  }
}
