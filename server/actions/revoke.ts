/** Revoking tasks: every worker takes note, and discards them when their turn comes; terminating also ends those that run. */
import type { ControlOutcome, Signal } from '#lib/contract/control.ts';
import { andList } from '#lib/format/list.ts';
import { isEnded, type Task } from '#lib/model/task.ts';
import { pidboxError } from '#server/celery/pidbox.ts';
import { objectOf } from '#server/celery/values.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import { aboutEach, LOOK_EVERY_MS, look, outcomes, pause, type Talk, tell, wordsOf } from './talk.ts';

export type Revocation = { ids: readonly string[]; terminate: boolean; signal: Signal };

/** How long the effect is waited for. A task far back in a queue is discarded later. */
const WATCH_MS = 10_000;
/** Of more tasks than these, only the workers' notes are looked at. */
const STATES_READ = 10;

/** Tells all workers, and watches. @throws Error with code BROKER_UNREACHABLE */
export async function runRevoke(
  talk: Talk,
  tasks: Pick<TaskReader, 'task'> | null,
  { ids, terminate, signal }: Revocation,
): Promise<ControlOutcome> {
  const outcome = outcomes(talk.clock);
  const query = { method: 'query_task', arguments: { ids } };
  const ran = terminate ? runnersOf((await tell(talk, null, query)).replies) : [];
  const args = { task_id: ids, terminate, ...(terminate ? { signal } : {}) };
  const { replies, silent } = await tell(talk, null, { method: 'revoke', arguments: args });
  const words = { replies: wordsOf(replies) };
  if (replies.size === 0)
    return outcome('no-answer', 'No worker answered. Those that come back soon may still take note.');
  const denied = new Map(
    [...replies].flatMap(([worker, said]) => [[worker, pidboxError(said)] as const]).filter(isDenied),
  );
  const told = [...replies.keys()].filter((worker) => !denied.has(worker)).sort();
  if (told.length === 0) return outcome('refused', `${aboutEach(denied)}.`, words);
  talk.onStep('acknowledged', `${andList(told)} took note. Looking whether it shows.`);
  const missing = [
    ...(denied.size > 0 ? [aboutEach(denied)] : []),
    ...(silent.length > 0 ? [`${andList([...silent])} did not answer and may run it`] : []),
  ];
  const ends = (texts: readonly string[]) => `${[...texts, ...missing].join('. ')}.`;
  const until = talk.clock.now() + WATCH_MS;
  for (;;) {
    const states = await statesOf(tasks, ids);
    const ended = states.filter((task) => task !== null && isEnded(task.state));
    if (ids.length <= STATES_READ && ended.length === ids.length) {
      const isRevoked = ended.every((task) => task?.state === 'REVOKED');
      return outcome(isRevoked ? 'verified' : 'not-verified', ends([endedText(ended)]), words);
    }
    const running = ran.length === 0 ? [] : runnersOf((await look(talk, ran, query)).replies);
    if (ran.length > 0 && running.length === 0 && (await answersAll(talk, ran)))
      return outcome('verified', ends([`${andList(ran)} no longer ${ran.length === 1 ? 'runs' : 'run'} it`]), words);
    if (talk.signal.aborted || talk.clock.now() >= until) break;
    await pause(talk.clock, LOOK_EVERY_MS, talk.signal);
  }
  if (ran.length > 0) return outcome('not-verified', ends([`${andList(ran)} still runs it`]), words);
  const unnoted = await withoutNote(talk, told, ids);
  if (unnoted.length > 0)
    return outcome('not-verified', ends([`${andList(unnoted)} does not list it as revoked`]), words);
  const stage = missing.length === 0 ? 'acknowledged' : 'not-verified';
  return outcome(stage, ends([`${andList(told)} ${told.length === 1 ? 'lists' : 'list'} it as revoked`, NOTED]), words);
}

const NOTED =
  'It is discarded when its turn comes; what runs already goes on. Workers keep the note for three hours, unless all of them restart';

function isDenied(entry: readonly [string, string | null]): entry is readonly [string, string] {
  return entry[1] !== null;
}

/** Workers that run any of the tasks. */
function runnersOf(replies: ReadonlyMap<string, unknown>): string[] {
  const runs = (said: unknown) =>
    Object.values(objectOf(said) ?? {}).some((found) => Array.isArray(found) && found[0] === 'active');
  return [...replies].flatMap(([worker, said]) => (runs(said) ? [worker] : [])).sort();
}

/** Silence is not the end of a task. */
async function answersAll(talk: Talk, workers: readonly string[]): Promise<boolean> {
  return (await look(talk, workers, { method: 'ping', arguments: {} })).silent.length === 0;
}

async function withoutNote(talk: Talk, workers: readonly string[], ids: readonly string[]): Promise<string[]> {
  const { replies } = await look(talk, workers, { method: 'revoked', arguments: {} });
  return workers.filter((worker) => {
    const listed = replies.get(worker);
    const noted = new Set(Array.isArray(listed) ? listed : []);
    return !ids.every((id) => noted.has(id));
  });
}

async function statesOf(tasks: Pick<TaskReader, 'task'> | null, ids: readonly string[]): Promise<(Task | null)[]> {
  if (tasks === null || ids.length > STATES_READ) return [];
  // A store that cannot be read now only tells nothing.
  return Promise.all(
    ids.map((id) =>
      tasks.task(id).then(
        (found) => found?.task ?? null,
        () => null,
      ),
    ),
  );
}

function endedText(tasks: readonly (Task | null)[]): string {
  return [
    ...new Set(tasks.map((task) => `It is ${task?.state}${task?.worker == null ? '' : ` on ${task.worker}`}`)),
  ].join('; ');
}
