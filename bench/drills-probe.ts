/**
 * The witness's own tasks: an application that publishes one of the lab's short tasks ten times a second through the canaries'
 * entrance, with confirms, and reads the results through it.
 */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { Redis } from 'ioredis';
import { ADDRESSES, type Host, PORTS, QUEUE } from '#lab/layout.ts';
import type { LabContext } from '#lab/roles/role.ts';
import { epochMs } from './clock.ts';
import { INTERVAL_MS, type Probed, RETRY_MS } from './drills-account.ts';

/** The one entrance that the lab gives the canaries. */
const ENTRANCE: Host = 'host-1';
const TASK = 'lab.short';
/** Applications wait about as long before they give a connection up. */
const CONFIRM_LIMIT_MS = 5_000;
const ANSWER_LIMIT_MS = 1_000;
const READ_EVERY_MS = 50;
const OTHER_AFTER_MS = 100;
/** Of those that wait for their result the newest are asked for: the others would have had it. */
const READ_AT_ONCE = 1_000;
const STORE_LIMIT_MS = 30_000;
const CHUNK = 500;
const STEADY_WITHIN_MS = 1_000;
/** What the keys of results begin with; the id follows. */
export const KEY = 'celery-task-meta-';

/** Tasks under way. */
export type TaskProbe = {
  /** What their ids begin with. */
  readonly idStart: string;
  readonly tasks: ReadonlyMap<string, Probed>;
  /** A result was read a moment ago. */
  readonly isSteady: () => boolean;
  /** Publishes no more; goes on reading. */
  readonly stop: () => void;
  /** Removes its results and ends. */
  readonly end: () => Promise<void>;
};

/** Begins at once. */
export function startTaskProbe(lab: LabContext): TaskProbe {
  const idStart = `witness-${randomUUID().slice(0, 8)}-`;
  const tasks = new Map<string, Probed>();
  let lastReadAt = Number.NEGATIVE_INFINITY;
  const stopPublishing = keepPublishing(lab, idStart, tasks);
  const stopReading = keepReading(async (client) => {
    const waiting = [...tasks].filter(([, { readAt }]) => readAt === null).slice(-READ_AT_ONCE);
    if (waiting.length === 0) return;
    const texts = await client.mget(waiting.map(([id]) => KEY + id));
    const at = epochMs();
    for (const [index, [, task]] of waiting.entries()) {
      if (texts[index] === null) continue;
      task.readAt = at;
      lastReadAt = at;
    }
  });
  return {
    idStart,
    tasks,
    isSteady: () => epochMs() - lastReadAt <= STEADY_WITHIN_MS,
    stop: stopPublishing,
    end: async () => {
      stopPublishing();
      stopReading();
      for (const ids of chunks([...tasks.keys()])) {
        await withStore((client) => client.unlink(ids.map((id) => KEY + id))).catch(() => undefined); // they expire
      }
    },
  };
}

/** Which of these tasks have a result, by the entrance. @throws Error when it does not answer for half a minute */
export async function storedOf(ids: readonly string[]): Promise<string[]> {
  const stored: string[] = [];
  for (const some of chunks(ids)) {
    const texts = await withStore((client) => client.mget(some.map((id) => KEY + id)));
    stored.push(...some.filter((_, index) => texts[index] !== null));
  }
  return stored;
}

function keepPublishing(lab: LabContext, idStart: string, tasks: Map<string, Probed>): () => void {
  let number = 0;
  return keepOn((signal) =>
    publishUntilLost(lab, signal, (channel, waiting) => {
      const id = `${idStart}${String(number).padStart(6, '0')}`;
      number += 1;
      const task: Probed = { publishedAt: epochMs(), confirmedAt: null, readAt: null };
      tasks.set(id, task);
      waiting.set(id, task.publishedAt);
      publish(channel, id, (isTaken) => {
        if (waiting.delete(id) && isTaken) task.confirmedAt = epochMs();
      });
    }),
  );
}

type Link = { readonly model: ChannelModel; readonly channel: ConfirmChannel };

/** Publishes on one connection until it is lost, or gives no confirm for too long. */
async function publishUntilLost(
  lab: LabContext,
  signal: AbortSignal,
  publishNext: (channel: ConfirmChannel, waiting: Map<string, number>) => void,
): Promise<void> {
  const { model, channel } = await firstLink(lab, signal);
  const { promise: lost, resolve: end } = Promise.withResolvers<void>();
  model.on('close', () => end());
  channel.on('error', () => undefined);
  channel.on('close', () => end());
  signal.addEventListener('abort', () => end(), { once: true });
  const waiting = new Map<string, number>();
  // A task for which there is no queue is given back first, and confirmed all the same.
  channel.on('return', ({ properties }) => waiting.delete(String(properties.correlationId)));
  const timer = setInterval(() => {
    const [oldest = epochMs()] = waiting.values();
    if (epochMs() - oldest > CONFIRM_LIMIT_MS) return end();
    publishNext(channel, waiting);
  }, INTERVAL_MS);
  try {
    await lost;
  } finally {
    clearInterval(timer);
    waiting.clear();
    cut(model);
  }
}

/** The first connection that grants a channel: while one attempt hangs another is made beside it. @throws when `signal` aborts */
function firstLink(lab: LabContext, signal: AbortSignal): Promise<Link> {
  const { promise, resolve, reject } = Promise.withResolvers<Link>();
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    isOver = true;
    clearTimeout(timer);
  };
  const begin = () => {
    if (isOver) return;
    timer = setTimeout(begin, OTHER_AFTER_MS);
    openLink(lab)
      .then((link) => {
        if (isOver) return cut(link.model);
        end();
        resolve(link);
      })
      .catch(() => {
        clearTimeout(timer);
        timer = setTimeout(begin, RETRY_MS); // it is being broken on purpose
      });
  };
  signal.addEventListener(
    'abort',
    () => {
      end();
      reject(signal.reason);
    },
    { once: true },
  );
  begin();
  return promise;
}

/** @throws Error where there is no connection, or no channel on it */
async function openLink(lab: LabContext): Promise<Link> {
  const model = await connectTo(lab, ENTRANCE, PORTS.proxyAmqp);
  try {
    const never = sleep(CONFIRM_LIMIT_MS).then(() => Promise.reject(new Error('no channel is granted')));
    return { model, channel: await Promise.race([model.createConfirmChannel(), never]) };
  } catch (error) {
    cut(model);
    throw error;
  }
}

/** Connects to a broker, or to a proxy before it, as an application does. @throws Error when there is none within a second */
export async function connectTo(lab: LabContext, host: Host, port: number): Promise<ChannelModel> {
  const where = { hostname: ADDRESSES[host], port, username: 'app', password: lab.secret('app'), vhost: '/' };
  const model = await connect({ ...where, heartbeat: 5 }, { timeout: ANSWER_LIMIT_MS });
  model.on('error', () => undefined); // its close says it
  return model;
}

/** As Celery publishes it. */
function publish(channel: ConfirmChannel, id: string, done: (isTaken: boolean) => void): void {
  const embed = { callbacks: null, errbacks: null, chain: null, chord: null };
  const headers = {
    ...{ lang: 'py', task: TASK, id, shadow: null, eta: null, expires: null, group: null, group_index: null },
    ...{ retries: 0, timelimit: [null, null], root_id: id, parent_id: null, argsrepr: '()', kwargsrepr: '{}' },
    ...{ origin: `gen${process.pid}@witness`, ignore_result: false },
  };
  const properties = { contentType: 'application/json', contentEncoding: 'utf-8', correlationId: id };
  const message = { ...properties, headers, persistent: true, mandatory: true };
  try {
    channel.publish('', QUEUE, Buffer.from(JSON.stringify([[], {}, embed])), message, (refusal: unknown) =>
      done(refusal === null || refusal === undefined),
    );
  } catch {
    // The channel has just been closed; the next one is being opened.
    done(false);
  }
}

/**
 * Reads on one connection; while it gives no answer another one is begun beside it every `OTHER_AFTER_MS`, and the first that
 * gets an answer goes on alone: a store that hung and is back is noticed at once.
 */
function keepReading(read: (client: Redis) => Promise<void>): () => void {
  const readers = new Set<AbortController>();
  let answeredMs = performance.now();
  const begin = () => {
    const own = new AbortController();
    readers.add(own);
    const goOn = async (client: Redis) => {
      own.signal.addEventListener('abort', () => client.disconnect(), { once: true });
      while (!own.signal.aborted) {
        await read(client);
        answeredMs = performance.now();
        for (const other of readers) if (other !== own) other.abort();
        await sleep(READ_EVERY_MS);
      }
    };
    void withClient(goOn)
      .catch(() => undefined) // it is being broken on purpose
      .finally(() => readers.delete(own));
  };
  const timer = setInterval(() => {
    if (readers.size === 0 || performance.now() - answeredMs > OTHER_AFTER_MS) begin();
  }, OTHER_AFTER_MS);
  return () => {
    clearInterval(timer);
    for (const reader of readers) reader.abort();
  };
}

/** Asks the store until it answers. @throws Error as the last attempt */
async function withStore<T>(ask: (client: Redis) => Promise<T>): Promise<T> {
  const endMs = performance.now() + STORE_LIMIT_MS;
  for (;;) {
    try {
      return await withClient(ask);
    } catch (error) {
      if (performance.now() >= endMs) throw error;
      await sleep(RETRY_MS);
    }
  }
}

async function withClient<T>(work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(PORTS.proxyRedis, ADDRESSES[ENTRANCE], {
    lazyConnect: true,
    connectTimeout: ANSWER_LIMIT_MS,
    commandTimeout: ANSWER_LIMIT_MS,
    enableReadyCheck: false,
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on('error', () => undefined); // the command that failed says it
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.disconnect();
    // A hung server never answers a farewell.
    client.stream?.destroy();
  }
}

/** Does it again and again, with a pause after each end, until the returned function is called. */
export function keepOn(work: (signal: AbortSignal) => Promise<unknown>): () => void {
  const stopping = new AbortController();
  const loop = async () => {
    while (!stopping.signal.aborted) {
      await work(stopping.signal).catch(() => undefined); // it is being broken on purpose
      await sleep(RETRY_MS);
    }
  };
  void loop();
  return () => stopping.abort();
}

/** A hung broker never answers a farewell. */
export function cut(model: ChannelModel): void {
  // With an error: amqplib does not notice the end of a socket otherwise, and goes on with its heartbeats.
  (model.connection as unknown as { stream: Socket }).stream.destroy(new Error('cut by the witness'));
}

function chunks<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, n) => all.slice(n * CHUNK, (n + 1) * CHUNK));
}
