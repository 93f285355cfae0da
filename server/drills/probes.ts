/** What the canaries are told besides what they see themselves: Celery's events of them, which workers live, and what beat sends. */
import { TASK_LIMIT } from '#lib/contract/tasks.ts';
import type { CeleryWorker } from '#lib/model/celery.ts';
import { type Sent, scheduleId, schedulesOf } from '#lib/model/ticks.ts';
import { CANARY_NAME } from '#server/celery/events.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { type Canary, type CanaryEvent, type CanaryOptions, startCanary } from './canary.ts';

/** Whoever takes Celery's events in. */
export type CanaryEvents = { listen(listener: { onCanaries(events: readonly CanaryEvent[]): void }): () => void };

/** Who can tell of canaries; null = nobody does. `workers`: as their heartbeats tell them now. */
export type Probes = {
  events: CanaryEvents | null;
  tasks: Pick<TaskReader, 'tasks' | 'task' | 'sentBy'> | null;
  workers(): readonly Pick<CeleryWorker, 'id' | 'pid' | 'heartbeatAt'>[];
};

const LOOK_EVERY_MS = 1_000;
/** So long all ends well by itself; after it the history is asked. */
const PATIENCE_MS = 5_000;
/** Ticks of so long before the run teach each schedule its rhythm; it is looked for new ones so often. */
const LEARN_MS = 300_000;
const LEARN_EVERY_MS = 30_000;
/** So much later than newer ones may a publication be told. */
const LATE_MS = 30_000;
/** The newest are read; as many as the page of beat reads. */
const SENT_LIMIT = 20_000;

/** Tells the canaries of their events as they come; returns what ends that. */
export function followEvents(source: CanaryEvents, canary: Pick<Canary, 'noteEvent'>): () => void {
  return source.listen({
    onCanaries(events) {
      for (const event of events) canary.noteEvent(event);
    },
  });
}

/** Tells the canaries every second of every worker that sends heartbeats; returns what ends that. */
export function followWorkers(
  workers: Probes['workers'],
  canary: Pick<Canary, 'noteAlive'>,
  clock: TimerClock,
): () => void {
  let cancel = () => {};
  const look = () => {
    for (const { id, pid, heartbeatAt } of workers()) {
      if (pid !== null && heartbeatAt !== null) canary.noteAlive(id, pid, heartbeatAt);
    }
    cancel = clock.after(LOOK_EVERY_MS, look);
  };
  look();
  return () => cancel();
}

/**
 * Tells the canaries of every tick of every schedule, out of the history; returns what ends that. What is a schedule is
 * learnt now and then from minutes of publications; in between only the newest are read, however many tasks there are.
 */
export function followTicks(
  reader: Pick<TaskReader, 'sentBy'>,
  canary: Pick<Canary, 'noteTick'>,
  clock: TimerClock,
  log: (message: string) => void,
): () => void {
  const learnFrom = clock.now() - LEARN_MS;
  let learnAt = clock.now();
  let newestAt = clock.now();
  let schedules: ReadonlySet<string> = new Set();
  let isOver = false;
  let cancel = () => {};
  const look = async () => {
    const now = clock.now();
    const isLearning = now >= learnAt;
    try {
      const from = isLearning ? learnFrom : Math.min(now, newestAt) - LATE_MS;
      const sent = await reader.sentBy({ from, to: now, limit: SENT_LIMIT });
      if (isLearning) {
        schedules = new Set(schedulesOf(sent, now).map(({ id }) => id));
        learnAt = now + LEARN_EVERY_MS;
      }
      newestAt = sent.reduce((newest, { at }) => Math.max(newest, at), newestAt);
      if (!isOver) for (const { name, at } of ticksIn(sent, schedules)) canary.noteTick(name, at);
    } catch (error) {
      log(`ticks: ${(error as Error).message}`);
    }
    if (!isOver) cancel = clock.after(LOOK_EVERY_MS, () => void look());
  };
  void look();
  return () => {
    isOver = true;
    cancel();
  };
}

/** What of these publications is of one of the schedules, by the schedule's id. */
function ticksIn(sent: readonly Sent[], schedules: ReadonlySet<string>): { name: string; at: number }[] {
  return sent.map((one) => ({ name: scheduleId(one), at: one.at })).filter(({ name }) => schedules.has(name));
}

/**
 * Tells the canaries what the history has of them since `from` (epoch ms). Before a canary is called lost: what came in while
 * nobody listened, because a thread began anew, is there.
 */
export async function recallEvents(
  reader: Pick<TaskReader, 'tasks' | 'task'>,
  canary: Pick<Canary, 'noteEvent' | 'idStart'>,
  from: number,
  now: number,
): Promise<void> {
  const query = {
    name: [CANARY_NAME],
    canaries: '1',
    from: Math.floor(from),
    limit: TASK_LIMIT.max,
    sort: 'newest',
  } as const;
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<TaskReader['tasks']>> = await reader.tasks(
      { ...query, name: [...query.name], ...(after === null ? {} : { after }) },
      now,
    );
    for (const { id } of page.tasks) {
      if (!id.startsWith(canary.idStart)) continue;
      const found = await reader.task(id);
      for (const { type, at, by, pid } of found?.task.events ?? [])
        canary.noteEvent({ ...{ id, type, at, pid }, worker: by });
    }
    after = page.next;
  } while (after !== null);
}

/** As `startCanary`, with all that others can tell of the canaries. @throws TypeError for a URL that is none */
export function startProbedCanary(
  options: CanaryOptions,
  { events, tasks, workers }: Probes,
  clock: TimerClock,
  log: (message: string) => void,
): Canary {
  const beganAt = clock.now();
  const canary = startCanary(options, clock, log);
  const ends = [
    followWorkers(workers, canary, clock),
    ...(events === null ? [] : [followEvents(events, canary)]),
    ...(tasks === null ? [] : [followTicks(tasks, canary, clock, log)]),
  ];
  return {
    get idStart() {
      return canary.idStart;
    },
    get counts() {
      return canary.counts;
    },
    get outages() {
      return canary.outages;
    },
    get unmeasured() {
      return canary.unmeasured;
    },
    get stoodStillMs() {
      return canary.stoodStillMs;
    },
    get judged() {
      return canary.judged;
    },
    noteEvent: canary.noteEvent,
    noteAlive: canary.noteAlive,
    noteTick: canary.noteTick,
    async finish(limitMs) {
      const endAt = clock.now() + limitMs;
      await canary.finish(Math.min(PATIENCE_MS, limitMs));
      const isClear = events !== null && canary.counts.open + canary.counts.lost === 0;
      if (tasks === null || isClear) return canary.finish(endAt - clock.now());
      const recall = () =>
        recallEvents(tasks, canary, beganAt, clock.now()).catch((error) => log(`history: ${(error as Error).message}`));
      await recall();
      await canary.finish(endAt - clock.now());
      // What ran meanwhile is in there by now.
      if (canary.counts.lost > 0) await recall();
    },
    async close() {
      for (const end of ends) end();
      await canary.close();
    },
  };
}
