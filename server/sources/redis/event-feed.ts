/** A Sentinel's own messages, as they are published: the step log of every failover, and the fastest sign of one. */
import type { Redis } from 'ioredis';
import type { PushReport } from '#server/sources/source.ts';
import { ProbeError } from '#server/sources/source.ts';
import { openRedis, type RedisCredentials, redisFailure } from './connection.ts';
import type { SentinelEvent } from './payloads.ts';

/** The name of the reading, told with every message and asked in between. */
export const EVENTS_READING = 'events';
export const EVENTS_INTERVAL_MS = 5_000;
const RECONNECT_MS = 1_000;
const KEPT = 50;

export type EventFeed = {
  /** The newest messages. @throws ProbeError while the subscription is down */
  ask(): Promise<{ data: SentinelEvent[] }>;
  subscribe(report: PushReport, signal: AbortSignal): void;
  close(): void;
};

/** Subscribes to everything that the Sentinel at `address` publishes. */
export function createEventFeed(address: string, credentials: RedisCredentials, clock: () => number): EventFeed {
  let client: Redis | null = null;
  let failure: unknown = new ProbeError('refused', 'not subscribed yet');
  let events: SentinelEvent[] = [];
  let reconnecting: NodeJS.Timeout | undefined;
  let closed = false;
  /** The newest attempt to subscribe; it never rejects. */
  let opening: Promise<void> | null = null;

  async function open(report: PushReport): Promise<void> {
    const fresh = openRedis(address, credentials);
    let cause: unknown = null;
    fresh.on('error', (error) => {
      cause = error;
    });
    fresh.on('pmessage', (_pattern, channel, text) => {
      events = [...events.slice(1 - KEPT), { at: clock(), channel, text }];
      report.tell({ name: EVENTS_READING, intervalMs: EVENTS_INTERVAL_MS }, { data: events });
      report.hurry();
    });
    fresh.on('end', () => {
      if (client !== fresh) return;
      client = null;
      failure = redisFailure(cause ?? new ProbeError('reset', `${address} closed the subscription`), credentials);
      report.hurry();
      retry(report);
    });
    try {
      await fresh.connect();
      await fresh.psubscribe('*');
      if (closed) return fresh.disconnect();
      client = fresh;
      report.tell({ name: EVENTS_READING, intervalMs: EVENTS_INTERVAL_MS }, { data: events });
    } catch (error) {
      fresh.disconnect();
      failure = redisFailure(cause ?? error, credentials);
      retry(report);
    }
  }

  function begin(report: PushReport): void {
    opening = open(report);
  }

  function retry(report: PushReport): void {
    if (!closed) reconnecting = setTimeout(() => begin(report), RECONNECT_MS);
  }

  return {
    async ask() {
      // A subscription that is just being made is no failure yet.
      if (client === null) await opening;
      if (client === null) throw failure;
      await client.ping();
      return { data: events };
    },
    subscribe: begin,
    close() {
      closed = true;
      clearTimeout(reconnecting);
      client?.disconnect();
      client = null;
    },
  };
}
