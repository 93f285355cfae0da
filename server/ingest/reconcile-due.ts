/** Which tasks are asked about in a round: those of workers that are gone or began anew, and those that came to an age without an end. */
import type { Task } from '#lib/model/task.ts';
import type { TaskWriter } from '#server/history/tasks/store.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import {
  CALM_MS,
  type DueWindow,
  dueWindows,
  type Gap,
  GRACE_MS,
  isDue,
  isOfEarlierProcess,
  isSuspect,
  mayBeOrphaned,
  PATIENCE_MS,
  startSweep,
  swept,
  type Whereabouts,
  type WorkerSight,
  whereabouts,
} from './reconcile-plan.ts';

/** Tasks that one round asks about: one read of the result store. */
export const TASKS_PER_ROUND = 500;
/** More than any worker holds at once: it takes its prefetch count and no more. */
const RUNNING_LIMIT = 5_000;
/** A gap of which every result has expired is forgotten. */
const GAP_KEPT_MS = 48 * 3_600_000;
const GAPS_KEPT = 20;
/** Missed tasks trickle in with every heartbeat; all that is open is asked about again only so often. */
const RESTART_MS = 60_000;

/** Where open tasks are found. `unfinished` gives those that last changed after `after` and before `before`, the oldest first. */
export type DueStore = Pick<TaskWriter, 'running'> & {
  unfinished(before: number, limit: number, after: number): readonly Task[];
};

export type DueOptions = {
  writer: DueStore;
  workers: () => readonly WorkerSight[];
  listeningSince: () => number | null;
  clock: TimerClock;
};

/** A task in question, and where its worker is. */
export type InQuestion = { task: Task; at: Whereabouts };

export type Due = {
  /** What is to be asked about now, at most `TASKS_PER_ROUND`. Each is given once an age. @throws what the store throws */
  take(): readonly InQuestion[];
  /** These of the last `take` could not be answered: they are due again. `isAll` = nothing of it was answered by anybody. */
  giveBack(ids: ReadonlySet<string>, isAll: boolean): void;
  /** Tasks that hang on workers that are gone, at the last `take`. */
  readonly hanging: number;
  /** Events may have been lost in this time. */
  noteGap(gap: Gap): void;
};

/** How far one silence of one worker has been followed; `asked` = all of a worker that began anew. */
type Followed = { since: number; step: number; given: Set<string>; asked?: boolean };

/** Begins with everything that is open and not too old. */
export function startDue({ writer, workers, listeningSince, clock }: DueOptions): Due {
  let sweep = startSweep(Math.floor(clock.now()));
  let sweptBefore = sweep;
  let hanging = 0;
  let gaps: readonly Gap[] = [];
  let missed = new Map<string, number>();
  let restartedAt = clock.now();
  let wasListening = false;
  const followed = new Map<string, Followed>();

  function restart(now: number): void {
    sweep = startSweep(now);
    restartedAt = now;
  }

  /** What was asked before it could be told where the workers are is asked again; so is everything after missed events. */
  function restartOnNews(all: readonly WorkerSight[], isListening: boolean, now: number): void {
    const grew = all.some(({ id, missedTasks }) => missedTasks > (missed.get(id) ?? 0));
    if (isListening && !wasListening) restart(now);
    else if (grew && now - restartedAt >= RESTART_MS) restart(now);
    if (!grew || restartedAt === now) missed = new Map(all.map((one) => [one.id, one.missedTasks]));
    wasListening = isListening;
  }

  function ofGoneWorkers(known: ReadonlyMap<string, WorkerSight>, now: number, add: Add): void {
    for (const { id } of known.values()) {
      const at = whereabouts(id, known, listeningSince(), now);
      if (at.kind === 'online') {
        ofEarlierProcess(id, at, now, add);
        continue;
      }
      if (at.kind !== 'gone') {
        followed.delete(id);
        continue;
      }
      const step = PATIENCE_MS.findLastIndex((age) => now - at.since >= age);
      const before = followed.get(id);
      const isNew = before === undefined || before.since !== at.since || before.step !== step;
      const one = isNew ? { since: at.since, step, given: new Set<string>() } : before;
      followed.set(id, one);
      const all = writer.running(id, RUNNING_LIMIT);
      hanging += all.length;
      for (const task of all) if (!one.given.has(task.id) && add({ task, at })) one.given.add(task.id);
    }
  }

  /** What a worker had when it died that is back already: once, when its last events have come. */
  function ofEarlierProcess(id: string, at: Whereabouts & { kind: 'online' }, now: number, add: Add): void {
    if (now - at.since < GRACE_MS) return;
    const before = followed.get(id);
    const one: Followed = before?.since === at.since ? before : { since: at.since, step: 0, given: new Set() };
    followed.set(id, one);
    if (one.asked === true) return;
    const all = writer.running(id, RUNNING_LIMIT).filter((task) => isOfEarlierProcess(task, at));
    one.asked = true;
    for (const task of all) {
      if (one.given.has(task.id)) continue;
      if (add({ task, at })) one.given.add(task.id);
      else one.asked = false;
    }
  }

  function ofAge(
    window: DueWindow,
    known: ReadonlyMap<string, WorkerSight>,
    now: number,
    add: Add,
    room: number,
  ): void {
    const { tasks, until } = pageOf(writer, window, room);
    for (const task of tasks) {
      const at = whereabouts(task.worker, known, listeningSince(), now);
      // Those are followed by the silence of their worker.
      const isFollowed = at.kind === 'gone' && mayBeOrphaned(task);
      const isSuspicious = isSuspect(task, at, known.get(task.worker ?? '')?.missedTasks ?? 0, gaps);
      if (!isFollowed && isDue(task, window.step, isSuspicious, now)) add({ task, at });
    }
    sweep = swept(sweep, window.step, until);
  }

  return {
    take() {
      const now = Math.floor(clock.now());
      const known = new Map(workers().map((one) => [one.id, one]));
      gaps = gaps.filter(({ to }) => now - to < GAP_KEPT_MS);
      const since = listeningSince();
      // Not before the workers had time to be heard.
      restartOnNews([...known.values()], since !== null && now - since >= PATIENCE_MS[0], now);
      const taken = new Map<string, InQuestion>();
      const add: Add = (one) => {
        if (taken.size >= TASKS_PER_ROUND) return false;
        taken.set(one.task.id, one);
        return true;
      };
      sweptBefore = sweep;
      hanging = 0;
      ofGoneWorkers(known, now, add);
      const isCalm = gaps.length === 0 && [...known.values()].every(isAtPeace) && now - restartedAt >= CALM_MS;
      for (const window of dueWindows(sweep, now, isCalm)) {
        const room = TASKS_PER_ROUND - taken.size;
        if (room <= 0) break;
        ofAge(window, known, now, add, room);
      }
      return [...taken.values()];
    },
    giveBack(ids, isAll) {
      for (const one of followed.values()) {
        for (const id of ids) if (one.given.delete(id)) one.asked = false;
      }
      if (isAll) sweep = sweptBefore;
    },
    get hanging() {
      return hanging;
    },
    noteGap(gap) {
      gaps = [...gaps, gap].slice(-GAPS_KEPT);
      restart(Math.floor(clock.now()));
    },
  };
}

/** False when the round is full. */
type Add = (one: InQuestion) => boolean;

const isAtPeace = ({ state, missedTasks }: WorkerSight) => state === 'online' && missedTasks === 0;

/** All of a window, or of its older part as much as there is room for. */
function pageOf(
  writer: DueStore,
  { from, before }: DueWindow,
  room: number,
): { tasks: readonly Task[]; until: number } {
  for (let until = before; ; until = from + Math.floor((until - from) / 2)) {
    const tasks = writer.unfinished(until, room + 1, from - 1);
    if (tasks.length <= room || until - from <= 1) return { tasks: tasks.slice(0, room), until };
  }
}
