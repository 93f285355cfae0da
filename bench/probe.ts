/**
 * The probe of the forecast bench: small applications of its own behind the proxies. Each notes when it worked; from the
 * gaps follows how long it was out.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { Redis } from 'ioredis';
import { ADDRESSES, BEAT_LOCK, HOSTS, type Host, numberOf, PORTS } from '#lab/layout.ts';
import type { LabContext } from '#lab/roles/role.ts';
import { epochMs } from './clock.ts';
import { isBack, lostOf, SPACING_MS } from './probe-outage.ts';

const RECONNECT_MS = 100;
const ANSWER_LIMIT_MS = 1_000;
const CLOSE_LIMIT_MS = 1_000;
const DRAIN_LIMIT_MS = 10_000;
const PREFETCH = 100;

/** Where the probe works. */
export type ProbePlan = {
  /** Proxies through which it publishes, consumes and writes results. */
  readonly proxies: readonly Host[];
  /** Consul agents that it asks. */
  readonly agents: readonly Host[];
  /** The broker node whose queue is published to, and the proxy through which: another one's, where there is one. */
  readonly led: { readonly by: Host; readonly through: Host };
};

/** What works, by `publish haproxy-1`, `results haproxy-1`, `coordination consul-1` or `queues led`. */
export type ProbeSeries = Readonly<Record<string, readonly number[]>>;

/** A running probe. */
export type Probe = {
  readonly series: ProbeSeries;
  /** Everything worked a moment ago. */
  readonly allBack: () => boolean;
  /** Publishes no more, waits for what is still to be consumed, and tells how many confirmed messages never came. */
  readonly drain: () => Promise<number>;
  readonly end: () => Promise<void>;
};

/** The queue led by the node that is asked about. */
export const LED_QUEUE = 'trellis.probe.led';

/** The queue of one proxy, led by the broker node of the same host. */
export function probeQueue(host: Host): string {
  return `trellis.probe.${numberOf(host)}`;
}

/** Makes the queues afresh, each led by the node where it was declared, and starts everything. */
export async function startProbe(lab: LabContext, { proxies, agents, led }: ProbePlan): Promise<Probe> {
  await deleteProbeQueues(lab, led.by);
  for (const host of proxies) await declare(lab, host, probeQueue(host));
  await declare(lab, led.by, LED_QUEUE);
  const series: Record<string, number[]> = {};
  const noteOf = (name: string) => {
    const times: number[] = [];
    series[name] = times;
    return () => void times.push(epochMs());
  };
  const streams = [
    ...proxies.map((host) => stream(lab, host, probeQueue(host), noteOf(`publish haproxy-${numberOf(host)}`))),
    stream(lab, led.through, LED_QUEUE, noteOf('queues led')),
  ];
  const ends = [
    ...proxies.map((host) => writeResults(host, noteOf(`results haproxy-${numberOf(host)}`))),
    ...agents.map((host) => readLock(host, noteOf(`coordination consul-${numberOf(host)}`))),
  ];
  return {
    series,
    allBack: () => Object.values(series).every((times) => isBack(times, epochMs())),
    drain: async () => {
      const lost = await Promise.all(streams.map((one) => one.drain()));
      return lost.reduce((sum, count) => sum + count, 0);
    },
    end: async () => {
      for (const end of ends) end();
      await Promise.all(streams.map((one) => one.end()));
    },
  };
}

/** Deletes the probe's queues, whichever exist, through a node that lives. */
export async function deleteProbeQueues(lab: LabContext, through: Host): Promise<void> {
  await withChannel(lab, through, async (channel) => {
    for (const queue of [...HOSTS.map(probeQueue), LED_QUEUE]) {
      await channel.deleteQueue(queue);
    }
  });
}

type Stream = { readonly drain: () => Promise<number>; readonly end: () => Promise<void> };

/** Numbered messages into a queue and out of it, each on a connection of its own through one proxy. */
function stream(lab: LabContext, host: Host, queue: string, worked: () => void): Stream {
  const confirmed = new Set<number>();
  const consumed = new Set<number>();
  let channel: ConfirmChannel | null = null;
  let number = 0;
  const publisher = keepConnected(lab, host, async (connection, isOpen) => {
    const opened = await connection.createConfirmChannel();
    startOverWith(opened, connection);
    // It may have been cut meanwhile: then nothing would ever take the channel away again.
    if (isOpen()) channel = opened;
    return () => {
      channel = null;
    };
  });
  const consumer = keepConnected(lab, host, async (connection) => {
    const opened = await connection.createChannel();
    startOverWith(opened, connection);
    await opened.prefetch(PREFETCH);
    await opened.consume(queue, (message) => {
      if (message === null) return void close(connection);
      consumed.add(Number(message.content.toString()));
      opened.ack(message);
    });
    return () => undefined;
  });
  const timer = setInterval(() => {
    const one = number;
    number += 1;
    try {
      channel?.sendToQueue(queue, Buffer.from(String(one)), { persistent: true }, (error) => {
        if (error) return;
        confirmed.add(one);
        worked();
      });
    } catch {
      // The channel has just been closed; the next one is being opened.
    }
  }, SPACING_MS);
  return {
    drain: async () => {
      clearInterval(timer);
      const endMs = performance.now() + DRAIN_LIMIT_MS;
      // Confirms of what was sent last are still under way.
      await sleep(ANSWER_LIMIT_MS);
      while (lostOf(confirmed, consumed) > 0 && performance.now() < endMs) await sleep(RECONNECT_MS);
      return lostOf(confirmed, consumed);
    },
    end: async () => {
      clearInterval(timer);
      await Promise.all([publisher(), consumer()]);
    },
  };
}

/** A result that is written and read back. */
function writeResults(host: Host, worked: () => void): () => void {
  const key = `trellis.probe.${numberOf(host)}`;
  const client = new Redis(PORTS.proxyRedis, ADDRESSES[host], {
    enableOfflineQueue: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    connectTimeout: ANSWER_LIMIT_MS,
    commandTimeout: ANSWER_LIMIT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => RECONNECT_MS,
  });
  client.on('error', () => undefined); // a command that fails says it
  let number = 0;
  return every(
    async () => {
      number += 1;
      const text = String(number);
      const [, read] = await Promise.all([client.set(key, text, 'EX', 600), client.get(key)]);
      if (read === text) worked();
    },
    () => client.disconnect(),
  );
}

/** A read that only a leader that still leads can answer. */
function readLock(host: Host, worked: () => void): () => void {
  const url = `http://${ADDRESSES[host]}:${PORTS.consulHttp}/v1/kv/${BEAT_LOCK}/.lock?consistent`;
  return every(async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    await response.arrayBuffer();
    if (response.ok) worked();
  });
}

/** Tries at the probe's pace, whether or not earlier tries have come back; one that fails is no success and nothing else. */
function every(work: () => Promise<void>, atEnd: () => void = () => undefined): () => void {
  const timer = setInterval(() => void work().catch(() => undefined), SPACING_MS);
  return () => {
    clearInterval(timer);
    atEnd();
  };
}

/** What is set up on a connection, and put away when it closes. */
type Use = (connection: ChannelModel, isOpen: () => boolean) => Promise<() => void>;

/** Connects through a proxy, again and again, until the returned function is called. */
function keepConnected(lab: LabContext, host: Host, use: Use): () => Promise<void> {
  let ended = false;
  let current: ChannelModel | null = null;
  const loop = async () => {
    while (!ended) {
      try {
        const connection = await open(lab, host, PORTS.proxyAmqp);
        current = connection;
        let isOpen = true;
        const closed = new Promise<void>((resolve) => {
          connection.once('close', () => {
            isOpen = false;
            resolve();
          });
        });
        if (ended) await close(connection);
        // A connection that is cut between two answers would leave the one that is waited for open for ever.
        const putAway = await Promise.race([use(connection, () => isOpen), closed]);
        await closed;
        putAway?.();
      } catch {
        if (current !== null) await close(current);
      }
      current = null;
      await sleep(RECONNECT_MS);
    }
  };
  const done = loop();
  return async () => {
    ended = true;
    if (current !== null) await close(current);
    await Promise.race([done, sleep(2 * CLOSE_LIMIT_MS)]);
  };
}

/** A channel that ends alone would leave its connection idle. */
function startOverWith(channel: Channel, connection: ChannelModel): void {
  channel.on('error', () => undefined); // its end says it
  channel.on('close', () => void close(connection));
}

async function close(connection: ChannelModel): Promise<void> {
  await Promise.race([connection.close().catch(() => undefined), sleep(CLOSE_LIMIT_MS)]);
}

async function open(lab: LabContext, host: Host, port: number): Promise<ChannelModel> {
  const where = { hostname: ADDRESSES[host], port, username: 'app', password: lab.secret('app'), vhost: '/' };
  const connection = await connect({ ...where, heartbeat: 5 }, { timeout: ANSWER_LIMIT_MS });
  connection.on('error', () => undefined); // its close says it
  return connection;
}

function declare(lab: LabContext, host: Host, queue: string): Promise<void> {
  return withChannel(lab, host, async (channel) => void (await channel.assertQueue(queue, { durable: true })));
}

async function withChannel(lab: LabContext, host: Host, work: (channel: Channel) => Promise<void>): Promise<void> {
  const connection = await open(lab, host, PORTS.amqp);
  try {
    await work(await connection.createChannel());
  } finally {
    await close(connection);
  }
}
