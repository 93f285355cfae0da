/**
 * The writer of the bench: `SET bench:write:<n>` through every HAProxy, again and again, as an application would. It notes what was
 * acknowledged; nothing is queued, sent again or tried twice, so that nothing hides what is lost.
 */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { ADDRESSES, HOSTS, type Host, PORTS } from '#lab/layout.ts';
import { masterHost } from '#lab/probes/redis.ts';
import { epochMs, waitUntil } from './clock.ts';

const EVERY_MS = 5;
const CONNECTIONS_PER_PROXY = 2;
const RECONNECT_MS = 10;
/** Longer than writes are ever held back. */
const ANSWER_LIMIT_MS = 10_000;
const FIRST_LIMIT_MS = 10_000;
const EXPIRES_S = 3_600;
const BATCH = 1_000;

/** What became of the writes; times are epoch ms. */
export type Written = {
  readonly tried: number;
  /** Their numbers. */
  readonly acknowledged: readonly number[];
  /** When each proxy acknowledged, ascending. */
  readonly times: Readonly<Record<Host, readonly number[]>>;
  /** What every key of this writer holds. */
  readonly token: string;
};

/** A writer that writes. */
export type Writer = {
  /** Writes no more, and waits for the answers that are still to come. */
  readonly stop: () => Promise<Written>;
};

/** Starts to write, 200 times a second. @throws Error when a proxy acknowledges nothing */
export async function startWriter(): Promise<Writer> {
  const token = randomUUID();
  const lanes = Array.from({ length: CONNECTIONS_PER_PROXY }, () =>
    HOSTS.map((host) => ({ host, client: through(host) })),
  ).flat();
  const times: Record<Host, number[]> = { 'host-1': [], 'host-2': [], 'host-3': [] };
  const acknowledged: number[] = [];
  let pending = 0;
  let tried = 0;
  const timer = setInterval(() => {
    const n = tried;
    const lane = lanes[n % lanes.length] as (typeof lanes)[number];
    tried += 1;
    pending += 1;
    lane.client
      .set(keyOf(n), token, 'EX', EXPIRES_S)
      .then((answer) => {
        if (answer !== 'OK') return;
        acknowledged.push(n);
        times[lane.host].push(epochMs());
      })
      .catch(() => undefined) // not acknowledged
      .finally(() => {
        pending -= 1;
      });
  }, EVERY_MS);
  const end = async () => {
    clearInterval(timer);
    await waitUntil(() => pending === 0, ANSWER_LIMIT_MS);
    for (const { client } of lanes) client.disconnect();
  };
  if (!(await waitUntil(() => HOSTS.every((host) => times[host].length > 0), FIRST_LIMIT_MS))) {
    await end();
    throw new Error('not every HAProxy lets writes through to Redis');
  }
  return {
    stop: async () => {
      await end();
      return { tried, acknowledged, times, token };
    },
  };
}

/** How many acknowledged writes the master does not have. The keys are deleted. @throws Error where there is no single master */
export async function countLost({ acknowledged, token }: Written): Promise<number> {
  return withMaster(async (client) => {
    let lost = 0;
    for (let from = 0; from < acknowledged.length; from += BATCH) {
      const keys = acknowledged.slice(from, from + BATCH).map(keyOf);
      lost += (await client.mget(keys)).filter((value) => value !== token).length;
      await client.unlink(keys);
    }
    return lost;
  });
}

/** The ids of tasks without a result, asked of the master. @throws Error where there is no single master */
export async function withoutResult(ids: readonly string[]): Promise<string[]> {
  return withMaster(async (client) => {
    const missing: string[] = [];
    for (let from = 0; from < ids.length; from += BATCH) {
      const batch = ids.slice(from, from + BATCH);
      const values = await client.mget(batch.map((id) => `celery-task-meta-${id}`));
      missing.push(...batch.filter((_, n) => values[n] === null));
    }
    return missing;
  });
}

async function withMaster<T>(work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(PORTS.redis, ADDRESSES[await masterHost()], {
    ...{ lazyConnect: true, disableClientInfo: true, maxRetriesPerRequest: 0, commandTimeout: ANSWER_LIMIT_MS },
    retryStrategy: () => null,
  });
  client.on('error', () => undefined); // the command that failed says it
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.disconnect();
  }
}

function through(host: Host): Redis {
  const client = new Redis(PORTS.proxyRedis, ADDRESSES[host], {
    enableOfflineQueue: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    autoResendUnfulfilledCommands: false,
    connectTimeout: 1_000,
    commandTimeout: ANSWER_LIMIT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => RECONNECT_MS,
  });
  client.on('error', () => undefined); // a write that fails says it
  return client;
}

function keyOf(n: number): string {
  return `bench:write:${n}`;
}
