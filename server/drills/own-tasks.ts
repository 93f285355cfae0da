/** What a drill did to the estate's own tasks: those that were under way when it began, out of the task history. */
import type { OwnTasks } from '#lib/contract/drills.ts';
import { TASK_LIMIT, type TaskQuery } from '#lib/contract/tasks.ts';
import { ENDED_STATES, isEnded, TASK_STATES, type Task, type TaskState } from '#lib/model/task.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import { mayBeOrphaned } from '#server/ingest/reconcile-plan.ts';

/** Tasks that began longer before (ms) are not looked for. */
const LOOK_BACK_MS = 3_600_000;
/** As many tasks are looked through, the newest first; what runs for long stands among the unfinished ones. */
const MOST_TASKS = 20_000;
const MOST_DETAILS = 500;

const UNFINISHED = TASK_STATES.filter((state) => !isEnded(state));

/** What a drill did to them, and how many it cannot be told of yet. */
export type OwnTasksNow = { told: OwnTasks; untold: number };

/**
 * Counts what became of the tasks that were sent and had not ended at `faultAt` (epoch ms), as it is known at `now`. `hasFallen`:
 * whether this worker went away, or began anew, since then: what it had is lost or comes again, and that is told a little later.
 */
export async function ownTasks(
  reader: Pick<TaskReader, 'tasks' | 'task'>,
  faultAt: number,
  now: number,
  hasFallen: (worker: string) => boolean,
): Promise<OwnTasksNow> {
  const found = [
    ...(await tasksIn(reader, UNFINISHED, faultAt, now)),
    ...(await tasksIn(reader, ENDED_STATES, faultAt, now)),
  ].filter(({ finishedAt }) => finishedAt === null || finishedAt > faultAt);
  const gone = await orphanedBefore(reader, found, faultAt);
  const inFlight = found.filter(({ id }) => !gone.has(id));
  const again = inFlight.filter(({ redeliveries }) => redeliveries > 0).slice(0, MOST_DETAILS);
  let repeated = 0;
  for (const { id } of again) if (await ranAgain(reader, id, faultAt)) repeated += 1;
  const told = {
    inFlight: inFlight.length,
    finished: inFlight.filter(({ state }) => isEnded(state)).length,
    orphaned: inFlight.filter(({ state }) => state === 'ORPHANED').length,
    repeated,
  };
  const isUntold = (task: Task) => mayBeOrphaned(task) && task.worker !== null && hasFallen(task.worker);
  return { told, untold: inFlight.filter(isUntold).length };
}

/** Those that were left behind by something else, before. */
async function orphanedBefore(
  reader: Pick<TaskReader, 'task'>,
  tasks: readonly Task[],
  faultAt: number,
): Promise<Set<string>> {
  const gone = new Set<string>();
  for (const { id } of tasks.filter(({ state }) => state === 'ORPHANED').slice(0, MOST_DETAILS)) {
    const events = (await reader.task(id))?.task.events ?? [];
    if (events.some(({ type, at }) => type === 'orphaned' && at <= faultAt)) gone.add(id);
  }
  return gone;
}

async function tasksIn(
  reader: Pick<TaskReader, 'tasks'>,
  state: readonly TaskState[],
  faultAt: number,
  now: number,
): Promise<Task[]> {
  const query: TaskQuery = {
    ...{ state: [...state], from: Math.max(0, Math.floor(faultAt - LOOK_BACK_MS)), to: Math.ceil(faultAt) },
    ...{ limit: TASK_LIMIT.max, sort: 'newest' },
  };
  const found = new Map<string, Task>();
  let after: string | null = null;
  do {
    const page = await reader.tasks(after === null ? query : { ...query, after }, now);
    for (const task of page.tasks) found.set(task.id, task);
    after = page.next;
  } while (after !== null && found.size < MOST_TASKS);
  return [...found.values()];
}

/** It started more often than its own retries explain, and once more after the fault: a second delivery alone is no second run. */
async function ranAgain(reader: Pick<TaskReader, 'task'>, id: string, faultAt: number): Promise<boolean> {
  const found = await reader.task(id);
  if (found === null) return false;
  const { events, retries } = found.task;
  const starts = new Map(
    events.filter(({ type }) => type === 'started').map((event) => [`${event.by}|${event.at}`, event.at]),
  );
  return starts.size > 1 + retries && [...starts.values()].some((at) => at > faultAt);
}
