/**
 * One idle AMQP connection to a node: the fastest sign of its death (the socket closes within about 100 ms), the only
 * early sign of a hang, and the way to its events where the event exchange is enabled.
 */
import { randomUUID } from 'node:crypto';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import type { PushReport } from '#server/sources/source.ts';
import { ProbeError } from '#server/sources/source.ts';
import type { RabbitmqConfig } from './config.ts';
import { AMQP_READING, type AmqpPayload } from './payloads.ts';

export const AMQP_INTERVAL_MS = 2_000;
const AMQP_TIMEOUT_MS = 2_000;
const HEARTBEAT_SECONDS = 5;
const RECONNECT_MS = 1_000;

const EVENT_EXCHANGE = 'amq.rabbitmq.event';
/** Events after which the metadata may look different. Connections and channels come and go too often to matter. */
const EVENT_KEYS = [
  'queue.*',
  'queue.policy.*',
  'policy.*',
  'consumer.*',
  'alarm.*',
  'node.*',
  'maintenance.#',
  'vhost.*',
];
/** Trellis only wants to know that something happened: an old event is worth nothing. */
const EVENT_QUEUE = { exclusive: true, autoDelete: true, durable: false, maxLength: 100, messageTtl: 5_000 } as const;

export type AmqpWatch = {
  /** Whether the node answers over AMQP. @throws ProbeError when it does not */
  ask(signal: AbortSignal): Promise<{ data: AmqpPayload }>;
  /** Keeps the connection up until the signal, and reports what it tells. */
  subscribe(report: PushReport, signal: AbortSignal): void;
  close(): void;
};

/** A watch on `address:port`. `name` makes the event queue's name unique. */
export function createAmqpWatch(name: string, address: string, config: RabbitmqConfig): AmqpWatch {
  let connection: ChannelModel | null = null;
  let channel: Channel | null = null;
  let failure: unknown = new ProbeError('refused', 'not connected yet');
  let blocked: string | null = null;
  let events: AmqpPayload['events'] = 'off';
  let reconnecting: NodeJS.Timeout | undefined;
  let closed = false;
  let wasLost = false;
  /** The newest attempt to connect; it never rejects. */
  let opening: Promise<void> | null = null;

  async function open(report: PushReport): Promise<void> {
    try {
      const [vhost = '/'] = config.vhosts;
      const colon = address.lastIndexOf(':');
      const opened = await connect(
        {
          hostname: address.slice(0, colon).replace(/^\[|\]$/g, ''),
          port: Number(address.slice(colon + 1)),
          username: config.user,
          password: config.password as string,
          vhost,
          heartbeat: HEARTBEAT_SECONDS,
        },
        { timeout: AMQP_TIMEOUT_MS, clientProperties: { connection_name: 'trellis (watch)' } },
      );
      if (closed) return void opened.close().catch(() => undefined);
      opened.on('error', (error) => {
        failure = named(error);
      });
      opened.on('close', () => lost(report, opened));
      opened.on('blocked', (reason) => {
        blocked = reason;
        report.hurry();
      });
      opened.on('unblocked', () => {
        blocked = null;
        report.hurry();
      });
      connection = opened;
      channel = await opened.createChannel();
      channel.on('error', () => undefined);
      events = await listen(opened, name, report);
      report.tell({ name: AMQP_READING, intervalMs: AMQP_INTERVAL_MS }, { data: { blocked, events } });
      if (wasLost) report.hurry();
      wasLost = false;
    } catch (error) {
      failure = named(error);
      retry(report);
    }
  }

  function lost(report: PushReport, which: ChannelModel): void {
    if (connection !== which) return;
    connection = null;
    channel = null;
    events = 'off';
    wasLost = true;
    report.tell(
      { name: AMQP_READING, intervalMs: AMQP_INTERVAL_MS },
      { error: new ProbeError('reset', 'the connection was closed') },
    );
    report.hurry();
    retry(report);
  }

  function begin(report: PushReport): void {
    opening = open(report);
  }

  function retry(report: PushReport): void {
    if (!closed) reconnecting = setTimeout(() => begin(report), RECONNECT_MS);
  }

  return {
    async ask() {
      // A connection that is just being made is no failure yet.
      if (channel === null) await opening;
      if (channel === null) throw failure;
      // A passive declaration of an exchange that always exists: changes nothing and needs no permission.
      await channel.checkExchange('amq.direct');
      return { data: { blocked, events } };
    },
    subscribe: begin,
    close() {
      closed = true;
      clearTimeout(reconnecting);
      const open = connection;
      connection = null;
      channel = null;
      void open?.close().catch(() => undefined);
    },
  };
}

/** Binds a queue of its own to the broker's events. They only wake; what changed is read from the API. */
async function listen(connection: ChannelModel, name: string, report: PushReport): Promise<AmqpPayload['events']> {
  const channel = await connection.createChannel();
  let refused = false;
  channel.on('error', (error) => {
    refused = /ACCESS.REFUSED|403/.test(error.message);
  });
  try {
    await channel.checkExchange(EVENT_EXCHANGE);
    const { queue } = await channel.assertQueue(`trellis.events.${name}.${randomUUID().slice(0, 8)}`, EVENT_QUEUE);
    for (const key of EVENT_KEYS) await channel.bindQueue(queue, EVENT_EXCHANGE, key);
    await channel.consume(queue, () => report.nudge(), { noAck: true });
    return 'on';
  } catch {
    return refused ? 'refused' : 'off';
  }
}

function named(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (/ACCESS.REFUSED|403/.test(message)) return new ProbeError('auth', 'AMQP: user, password or vhost refused');
  if (/NOT.ALLOWED|530/.test(message)) return new ProbeError('forbidden', 'AMQP: no access to the vhost');
  if (/Heartbeat timeout/i.test(message)) return new ProbeError('timeout', 'AMQP: no heartbeat');
  if (/Socket closed abruptly|Unexpected close/i.test(message))
    return new ProbeError('reset', 'AMQP: the connection was cut');
  return error;
}
