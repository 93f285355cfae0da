/** A Sentinel's own messages, as they are published: the step log of every failover, and the fastest sign of one. */
import type { Redis } from 'ioredis';
import { keepOpen } from '#server/sources/kept-open.ts';
import { type Answer, ProbeError, type PushReport } from '#server/sources/source.ts';
import { openRedis, type RedisCredentials, redisFailure } from './connection.ts';
import type { SentinelEvent } from './payloads.ts';

/** The name of the reading, told with every message and asked in between. */
export const EVENTS_READING = 'events';
export const EVENTS_INTERVAL_MS = 5_000;
const KEPT = 50;

export type EventFeed = {
  /** The newest messages. @throws ProbeError while the subscription is down */
  ask(signal: AbortSignal): Promise<Answer>;
  subscribe(report: PushReport): void;
  close(): void;
};

/** Subscribes to everything that the Sentinel at `address` publishes. */
export function createEventFeed(address: string, credentials: RedisCredentials, clock: () => number): EventFeed {
  const reading = { name: EVENTS_READING, intervalMs: EVENTS_INTERVAL_MS };
  let events: SentinelEvent[] = [];

  async function open(report: PushReport, lost: (cause: unknown) => void): Promise<Redis> {
    const client = openRedis(address, credentials);
    let cause: unknown = null;
    client.on('error', (error) => {
      cause ??= error;
    });
    client.on('pmessage', (_pattern, channel, text) => {
      events = [...events.slice(1 - KEPT), { at: clock(), channel, text }];
      report.tell(reading, { data: events });
      report.hurry();
    });
    client.on('end', () => {
      lost(redisFailure(cause ?? new ProbeError('reset', `${address} closed the subscription`), credentials));
    });
    try {
      await client.connect();
      await client.psubscribe('*');
      return client;
    } catch (error) {
      release(client);
      throw redisFailure(cause ?? error, credentials);
    }
  }

  const kept = keepOpen({ reading, open, release, answer: () => ({ data: events }) });
  return {
    ask: (signal) =>
      kept.ask(async (client) => {
        // A subscription has no heartbeat: a Sentinel that hangs, or a cut network, shows only here.
        const drop = () => kept.drop(signal.reason);
        signal.addEventListener('abort', drop, { once: true });
        try {
          await client.ping();
        } catch (error) {
          throw redisFailure(error, credentials);
        } finally {
          signal.removeEventListener('abort', drop);
        }
      }),
    subscribe: kept.subscribe,
    close: kept.close,
  };
}

function release(client: Redis): void {
  client.disconnect();
  // A hung server never answers the farewell.
  client.stream?.destroy();
}
