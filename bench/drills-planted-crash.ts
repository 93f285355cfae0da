/** A worker drilled away with sleeping tasks in hand: what became of them by Celery's events and the result store, and by the report. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { labContext } from '#lab/context.ts';
import type { Lab } from '#lab/control.ts';
import { hostsOf, memberId, QUEUE } from '#lab/layout.ts';
import type { LabContext } from '#lab/roles/role.ts';
import { routes } from '#lib/routes.ts';
import { waitUntil } from './clock.ts';
import type { DrillClient } from './drill-client.ts';
import { type AccountLine, Sightings } from './drills-account.ts';
import {
  type Acks,
  type Crash,
  cutTasks,
  fatesOf,
  openTasks,
  sentenceIn,
  type ToldTasks,
  untruthsOf,
} from './drills-planted-verdict.ts';
import { storedOf } from './drills-probe.ts';
import { manage, openBroker } from './event-broker.ts';
import { type CeleryEvent, EVENT_EXCHANGE, eventsOf } from './event-message.ts';
import { publishSleeps, type Sleep } from './publish-sleeps.ts';

const REASON = 'bench of planted weaknesses';
const NAMES: Readonly<Record<Acks, Sleep['task']>> = { early: 'lab.sleep', late: 'lab.sleep_late' };
/** Two for each worker; what a killed one had, and canaries, find free processes with the others. */
const TASKS = 6;
/** Longer than it takes from the publishing to the kill. */
const TASK_SECONDS = 60;
/** The longest of the traffic's tasks take 10 s: those that began unheard have ended by then. */
const UNHEARD_MS = 15_000;
const QUIET_LIMIT_MS = 120_000;
const BEGUN_LIMIT_MS = 20_000;
const CLEAR_LIMIT_MS = 180_000;
/** More would leave the tasks no time. */
const START_LIMIT_MS = 20_000;
const RUN_LIMIT_MS = 900_000;
/** What comes again may wait for a free process, and runs its whole time. */
const SETTLED_LIMIT_MS = 180_000;
/** Nobody misses a task for a minute after its worker is back. */
const COUNTED_LIMIT_MS = 150_000;
const LOOK_MS = 1_000;
const ANSWER_LIMIT_MS = 30_000;

/** The lab, and the drills of the Trellis at `url`. */
export type Stage = { readonly lab: Lab; readonly client: DrillClient; readonly url: string };

/** A crash, as it is kept. */
export type CrashRun = Crash & {
  readonly worker: string;
  /** From the end of the run until its report told what had happened; null = it never did. */
  readonly truthMs: number | null;
};

/**
 * Drills the worker away that is at work on most of the tasks. The traffic is left stopped: what a report counts are then these
 * tasks and what beat sends. @throws Error where it could not be done
 */
export async function crashUnderTasks({ lab, client, url }: Stage, acks: Acks): Promise<CrashRun> {
  const own = labContext(lab.paths);
  const ear = await hearTasks(own);
  try {
    await quieten(lab, own, ear.sightings);
    await client.clearPlan('worker-crash', null, CLEAR_LIMIT_MS);
    const worker = await workerAtWork(own, ear.sightings, acks);
    const { run } = await client.startWhenClear('worker-crash', worker, REASON, START_LIMIT_MS);
    const { run: over } = await client.follow(run.id, { limitMs: RUN_LIMIT_MS });
    const endedMs = performance.now();
    const { faultAt } = over;
    if (faultAt === null) throw new Error(`nothing was done to ${worker}: ${over.because.join(' ')}`);
    const atEnd = await toldOf(client, url, run.id);
    const killed = { worker, at: faultAt };
    await settle(ear.sightings, cutTasks(ear.sightings, killed), acks);
    const fates = fatesOf(ear.sightings, killed);
    let later: ToldTasks | null = null;
    const isTrue = async () => {
      later = await toldOf(client, url, run.id);
      return untruthsOf(fates, later).length === 0;
    };
    const truthMs = (await waitUntil(isTrue, COUNTED_LIMIT_MS, LOOK_MS)) ? performance.now() - endedMs : null;
    return { acks, worker, fates, atEnd, later, truthMs };
  } finally {
    await ear.end();
  }
}

type Ear = { readonly sightings: Sightings; readonly end: () => Promise<void> };

/** Hears what every worker tells of tasks, at one node: this drill breaks no broker. */
async function hearTasks(own: LabContext): Promise<Ear> {
  const sightings = new Sightings();
  const connection = await openBroker(own, 'host-1');
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, EVENT_EXCHANGE, 'task.#');
  const take = (message: { content: Buffer } | null) => {
    if (message === null) return;
    const heard = eventsOf({ routingKey: '', hostname: '', body: message.content.toString() });
    // Events of tasks say the same as the lab's account does.
    for (const event of heard) sightings.noteLine(event as CeleryEvent & AccountLine);
  };
  await channel.consume(queue, take, { noAck: true });
  return { sightings, end: () => connection.close().catch(() => undefined) };
}

/** Stops the traffic, and waits until its last task has ended. @throws Error where some do not end */
async function quieten(lab: Lab, own: LabContext, sightings: Sightings): Promise<void> {
  await Promise.all(hostsOf('traffic').map((host) => lab.stop(memberId(host, 'traffic'))));
  await sleep(UNHEARD_MS);
  const isQuiet = async () => {
    if (openTasks(sightings).length > 0) return false;
    const queue = (await manage(own, 'host-1', 'GET', `queues/%2F/${QUEUE}`)) as { messages?: number } | null;
    return queue?.messages === 0;
  };
  if (await waitUntil(isQuiet, QUIET_LIMIT_MS, LOOK_MS)) return;
  throw new Error(`the traffic’s tasks do not end: ${openTasks(sightings).join(', ') || 'some wait in the queue'}`);
}

/** Publishes the tasks, waits until all have begun, and gives the worker that is at work on most. @throws Error where some do not begin */
async function workerAtWork(own: LabContext, sightings: Sightings, acks: Acks): Promise<string> {
  const ids = Array.from({ length: TASKS }, () => randomUUID());
  await publishSleeps(
    own,
    ids.map((id) => ({ task: NAMES[acks], id })),
    TASK_SECONDS,
  );
  const isBegun = (id: string) => sightings.hasBegun(id);
  if (!(await waitUntil(() => ids.every(isBegun), BEGUN_LIMIT_MS))) {
    throw new Error(`${ids.filter((id) => !isBegun(id)).length} of ${TASKS} tasks have not begun`);
  }
  const at = Map.groupBy(ids, (id) => {
    const [start] = sightings.tasks.get(id)?.started.values() ?? [];
    return start?.process.split(' ')[0] ?? '';
  });
  const [busiest] = [...at].toSorted(([, a], [, b]) => b.length - a.length);
  return busiest?.[0] ?? '';
}

/** Until everything has ended that can; those that were cut short and acknowledged before never do. */
async function settle(sightings: Sightings, cut: readonly string[], acks: Acks): Promise<void> {
  const isOver = () => openTasks(sightings).every((id) => acks === 'early' && cut.includes(id));
  await waitUntil(isOver, SETTLED_LIMIT_MS, LOOK_MS);
  for (const id of await storedOf(cut)) sightings.noteStored(id);
}

/** What a report says now; null = it has not counted. */
async function toldOf(client: DrillClient, url: string, run: string): Promise<ToldTasks | null> {
  const { ownTasks, run: shown } = await client.run(run);
  if (ownTasks === null) return null;
  const path = `${routes.api.runs}/${encodeURIComponent(run)}?format=md`;
  const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return {
    orphaned: ownTasks.orphaned,
    repeated: ownTasks.repeated,
    sentence: sentenceIn(text),
    verdict: shown.verdict,
  };
}
