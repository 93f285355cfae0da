/**
 * The witness of a drill, past Trellis. Workers and beat write down for it what they run and what they send; every result it hears
 * at the data nodes: that it is announced, and that it is still there when it is removed after the run. Beside the canaries it
 * has tasks of its own, and the ledger of the lab's traffic.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { ADDRESSES, type Host, hostsOf, PORTS } from '#lab/layout.ts';
import type { LabContext } from '#lab/roles/role.ts';
import { epochMs, waitUntil } from './clock.ts';
import {
  type AccountLine,
  type Figures,
  figuresOf,
  RETRY_MS,
  Sightings,
  type TrafficTask,
  type Window,
} from './drills-account.ts';
import { KEY, startTaskProbe, storedOf, type TaskProbe } from './drills-probe.ts';

const STEADY_MS = 4_000;
const STEADY_LIMIT_MS = 45_000;
/** What a dead consumer held comes again, and a long task of the traffic ends. */
const SETTLE_LIMIT_MS = 60_000;
const LOOK_MS = 2_000;
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

/** Begins to watch. */
export async function startWitness(lab: LabContext): Promise<Witness> {
  await notifyKeyspace(true);
  const sightings = new Sightings();
  const probe = startTaskProbe(lab);
  writeFileSync(lab.paths.account, '');
  const ends = hostsOf('redis').map((host) => listenToResults(host, sightings, probe.idStart));
  return {
    steady: async () => {
      const isSteady = async () => {
        if (!probe.isSteady()) return false;
        await sleep(STEADY_MS);
        return probe.isSteady();
      };
      if (!(await waitUntil(isSteady, STEADY_LIMIT_MS))) throw new Error('the witness’s own tasks do not run');
    },
    finish: async (window) => {
      probe.stop();
      const traffic = () => readTraffic(lab.paths.ledger, window);
      const isOver = () => {
        readAccount(lab.paths.account, sightings);
        return isSettled(sightings, probe, traffic());
      };
      await waitUntil(isOver, SETTLE_LIMIT_MS, LOOK_MS);
      const tasks = traffic();
      const ids = [...sightings.canaryIds(), ...probe.tasks.keys(), ...tasks.map(({ id }) => id)];
      for (const id of await storedOf(ids)) sightings.noteStored(id);
      return figuresOf(sightings, probe.tasks, tasks, window);
    },
    end: async () => {
      for (const end of ends) end();
      rmSync(lab.paths.account, { force: true });
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

/** What workers and beat have written down so far. */
function readAccount(file: string, sightings: Sightings): void {
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line !== '') sightings.noteLine(JSON.parse(line) as AccountLine);
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
