/** The result store's own word: what every Sentinel publishes, and the socket of a Redis. */
import { connect } from 'node:net';
import { Redis } from 'ioredis';
import { ADDRESSES, HOSTS, type Host, PORTS, REDIS_MASTER_NAME } from '#lab/layout.ts';
import type { Signal } from './signal.ts';

/** What the three Sentinels said, each for itself, in the order in which it was heard. */
export type SentinelSignals = {
  /** `+switch-master` of the first Sentinel. */
  readonly firstSwitch: Signal;
  /** `+switch-master` of the second: now a majority names the new master. */
  readonly majoritySwitch: Signal;
  /** `+sdown` of the master by the first Sentinel. */
  readonly firstDown: Signal;
  /** `+sdown` of the master by the second. */
  readonly majorityDown: Signal;
};

/** Subscribes to everything that every Sentinel publishes. */
export async function listenToSentinels(signals: SentinelSignals): Promise<() => void> {
  const clients = HOSTS.map((host) => client(host, PORTS.sentinel));
  const switched = new Set<Redis>();
  const down = new Set<Redis>();
  await Promise.all(
    clients.map(async (one) => {
      await one.connect();
      one.on('pmessage', (_pattern: string, channel: string, message: string) => {
        if (channel === '+switch-master' && message.startsWith(`${REDIS_MASTER_NAME} `)) {
          count(switched, one, signals.firstSwitch, signals.majoritySwitch);
        }
        if (channel === '+sdown' && message.startsWith(`master ${REDIS_MASTER_NAME} `)) {
          count(down, one, signals.firstDown, signals.majorityDown);
        }
      });
      await one.psubscribe('*');
    }),
  );
  return () => {
    for (const one of clients) one.disconnect();
  };
}

/** Marks `closed` when an idle connection to a Redis ends. */
export async function idleRedisSocket(host: Host, closed: Signal): Promise<() => void> {
  const socket = connect(PORTS.redis, ADDRESSES[host]);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => closed.mark());
  socket.on('close', () => closed.mark());
  socket.resume();
  return () => void socket.destroy();
}

/** Tells one Sentinel to fail over. @throws Error when it refuses */
export async function orderFailover(host: Host): Promise<void> {
  const one = client(host, PORTS.sentinel);
  try {
    await one.connect();
    await one.call('SENTINEL', 'FAILOVER', REDIS_MASTER_NAME);
  } finally {
    one.disconnect();
  }
}

function count(heard: Set<Redis>, from: Redis, first: Signal, majority: Signal): void {
  heard.add(from);
  first.mark();
  if (heard.size > HOSTS.length / 2) majority.mark();
}

function client(host: Host, port: number): Redis {
  const one = new Redis(port, ADDRESSES[host], {
    lazyConnect: true,
    enableReadyCheck: false,
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  one.on('error', () => undefined);
  return one;
}
