/**
 * The witness of a drill, past Trellis. Of the canaries it hears every run at the broker (a queue of its own on each node, bound
 * to Celery's events) and every result at the data nodes: that it is announced, and that it is still there when it is removed
 * after the run. Beside them it has tasks of its own, and the ledgers of the lab's traffic and of its beat.
 */
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { ADDRESSES, type Host, hostsOf, PORTS } from '#lab/layout.ts';
import type { LabContext } from '#lab/roles/role.ts';
import { epochMs, waitUntil } from './clock.ts';
import { type Figures, figuresOf, RETRY_MS, Sightings, type TrafficTask, type Window } from './drills-account.ts';
import { connectTo, cut, KEY, keepOn, startTaskProbe, storedOf, type TaskProbe } from './drills-probe.ts';
import { EVENT_EXCHANGE, eventsOf } from './event-message.ts';

const STEADY_MS = 4_000;
const STEADY_LIMIT_MS = 45_000;
/** What a dead consumer held comes again, and a long task of the traffic ends. */
const SETTLE_LIMIT_MS = 60_000;
const LOOK_MS = 2_000;
const OPEN_LIMIT_MS = 5_000;
const BUSY_LIMIT_MS = 5_000;
const ANSWER_LIMIT_MS = 2_000;
/** What is removed is announced on the channel of its key. */
const KEYSPACE = '__keyspace@0__:';
const NOTIFIED = 'Kg';

/** A witness at work. */
export type Witness = {
  /** Returns when everything has worked for some seconds. @throws Error when it does not */
  readonly steady: () => Promise<void>;
  /** Publishes no more, waits for what is still to come, and tells. @throws Error where the result store cannot be read */
  readonly finish: (window: Window) => Promise<Figures>;
  readonly end: () => Promise<void>;
};

/**
 * Begins to watch. `nodes`: where it has its queues: not on a broker that is to be frozen, for whoever publishes events would
 * wait for that queue, too.
 */
export async function startWitness(lab: LabContext, nodes: readonly Host[]): Promise<Witness> {
  await notifyKeyspace(true);
  const sightings = new Sightings();
  const startedAt = epochMs();
  const probe = startTaskProbe(lab);
  const listening = new Set<Host>();
  const ends = [
    ...nodes.map((host) => listenToEvents(lab, host, sightings, listening)),
    ...hostsOf('redis').map((host) => listenToResults(host, sightings, probe.idStart)),
  ];
  return {
    steady: async () => {
      const works = () => probe.isSteady() && listening.size === nodes.length;
      const isSteady = async () => {
        if (!works()) return false;
        await sleep(STEADY_MS);
        return works();
      };
      if (!(await waitUntil(isSteady, STEADY_LIMIT_MS))) throw new Error('the witness’s own tasks do not run');
    },
    finish: async (window) => {
      probe.stop();
      const traffic = () => readTraffic(lab.paths.ledger, window);
      await waitUntil(() => isSettled(sightings, probe, traffic()), SETTLE_LIMIT_MS, LOOK_MS);
      const tasks = traffic();
      noteTicks(lab.paths.ticks, startedAt, sightings);
      const ids = [...sightings.canaryIds(), ...probe.tasks.keys(), ...tasks.map(({ id }) => id)];
      for (const id of await storedOf(ids)) sightings.noteStored(id);
      return figuresOf(sightings, probe.tasks, tasks, window);
    },
    end: async () => {
      for (const end of ends) end();
      await probe.end();
    },
  };
}

/** Has every data node tell what becomes of its keys, or tell it no more. @throws Error where one does not answer */
export async function notifyKeyspace(isOn: boolean): Promise<void> {
  for (const host of hostsOf('redis')) {
    const client = new Redis(PORTS.redis, ADDRESSES[host], {
      ...{ lazyConnect: true, connectTimeout: ANSWER_LIMIT_MS, commandTimeout: ANSWER_LIMIT_MS },
      ...{ disableClientInfo: true, maxRetriesPerRequest: 0, retryStrategy: () => null },
    });
    client.on('error', () => undefined); // the command that failed says it
    try {
      await client.connect();
      await client.config('SET', 'notify-keyspace-events', isOn ? NOTIFIED : '');
    } finally {
      client.disconnect();
    }
  }
}

/** All confirmed tasks have ended, and the results of the witness's own have been read. */
function isSettled(sightings: Sightings, { tasks }: TaskProbe, traffic: readonly TrafficTask[]): boolean {
  const own = [...tasks].filter(([, { confirmedAt }]) => confirmedAt !== null);
  const isOwnOver = own.every(([id, { readAt }]) => readAt !== null && sightings.isExecuted(id));
  return isOwnOver && traffic.every(({ id, observed }) => observed || sightings.isExecuted(id));
}

/** What beat has noted itself since (epoch ms): where a broker is frozen, or was cut off, its events do not come round. */
function noteTicks(file: string, sinceMs: number, sightings: Sightings): void {
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    const { id, schedule, at } = JSON.parse(line) as { id: string; schedule: string; at: number };
    if (at * 1_000 >= sinceMs) sightings.noteTick(schedule, id, at * 1_000);
  }
}

/** Takes down every task event that reaches a node, on a queue that goes with the connection. */
function listenToEvents(lab: LabContext, host: Host, sightings: Sightings, listening: Set<Host>): () => void {
  return keepOn(async (signal) => {
    const model = await connectTo(lab, host, PORTS.amqp);
    const { promise: lost, resolve: end } = Promise.withResolvers<void>();
    model.on('close', () => end());
    signal.addEventListener('abort', () => end(), { once: true });
    const open = async () => {
      const channel = await model.createChannel();
      channel.on('error', () => undefined); // its close says it
      channel.on('close', () => end());
      const { queue } = await channel.assertQueue('', { exclusive: true });
      await channel.bindQueue(queue, EVENT_EXCHANGE, 'task.#');
      const take = (message: { content: Buffer } | null) =>
        message === null ? end() : noteEvents(sightings, message.content.toString());
      await channel.consume(queue, take, { noAck: true });
      listening.add(host);
    };
    try {
      await Promise.race([open(), lost, sleep(OPEN_LIMIT_MS)]);
      if (listening.has(host)) await lost;
    } finally {
      listening.delete(host);
      cut(model);
    }
  });
}

function noteEvents(sightings: Sightings, body: string): void {
  try {
    for (const event of eventsOf({ routingKey: '', hostname: '', body })) sightings.noteEvent(event);
  } catch {
    // Not JSON: Python writes NaN. No event of these tasks has one.
  }
}

/** Hears of the results of canaries and of the witness's own tasks at one data node: replicas tell what they are told. */
function listenToResults(host: Host, sightings: Sightings, ownStart: string): () => void {
  const client = new Redis(PORTS.redis, ADDRESSES[host], {
    ...{ connectTimeout: ANSWER_LIMIT_MS, enableReadyCheck: false, disableClientInfo: true },
    // Its own way to subscribe again would end the bench where it fails.
    ...{ maxRetriesPerRequest: null, retryStrategy: () => RETRY_MS, autoResubscribe: false },
  });
  client.on('error', () => undefined); // it connects again
  client.on('pmessage', (_pattern: string, channel: string, text: string) => {
    const id = channel.slice(channel.indexOf(KEY) + KEY.length);
    if (!channel.startsWith(KEYSPACE)) noteResult(sightings, id, text);
    // What is removed was there: nobody else removes a canary's result than who reads it last.
    else if (text === 'del') sightings.noteStored(id);
  });
  const patterns = [`${KEY}trellis-*`, `${KEY}${ownStart}*`, `${KEYSPACE}${KEY}trellis-*`];
  client.on('ready', () => void client.psubscribe(...patterns).catch(() => undefined));
  return () => client.disconnect();
}

function noteResult(sightings: Sightings, id: string, text: string): void {
  try {
    sightings.noteResult(id, text, epochMs());
  } catch {
    // Not JSON: none of Celery's.
  }
}

/** What the lab's traffic published itself in the time of a run, and was confirmed; a workflow's later steps depend on others. */
function readTraffic(file: string, { fromMs, untilMs }: Window): TrafficTask[] {
  const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_LIMIT_MS });
  try {
    return database
      .prepare(
        `SELECT id, observed_state, expected_retries FROM task
         WHERE via = 'client' AND confirmed_at_ms IS NOT NULL AND published_at_ms BETWEEN ? AND ?`,
      )
      .all(fromMs, untilMs)
      .map((row) => ({
        id: String(row.id),
        observed: row.observed_state !== null,
        mayRepeat: Number(row.expected_retries) > 0,
      }));
  } finally {
    database.close();
  }
}
