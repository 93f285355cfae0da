/**
 * One idle AMQP connection to a node: the fastest sign of its death (the socket closes within about 100 ms), the only
 * early sign of a hang, and the way to its events where the event exchange is enabled.
 */
import { randomUUID } from 'node:crypto';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import type { ProbeCode } from '#lib/model/reading.ts';
import { whileConnected } from '#server/amqp/connection.ts';
import { keepOpen } from '#server/sources/kept-open.ts';
import { type Answer, ProbeError, type PushReport } from '#server/sources/source.ts';
import type { RabbitmqConfig } from './config.ts';
import { AMQP_READING, type AmqpPayload } from './payloads.ts';

export const AMQP_INTERVAL_MS = 2_000;
const AMQP_TIMEOUT_MS = 2_000;
const HEARTBEAT_SECONDS = 5;

const EVENTS_REFUSED =
  'events of the broker: give configure, write and read on ^trellis\\. and read on amq.rabbitmq.event';

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
  ask(): Promise<Answer>;
  /** Keeps the connection up, and reports what it tells. */
  subscribe(report: PushReport): void;
  close(): void;
};

type Connection = { model: ChannelModel; channel: Channel; told: AmqpPayload };

/** A watch on `address:port`. `name` makes the event queue's name unique. */
export function createAmqpWatch(name: string, address: string, config: RabbitmqConfig): AmqpWatch {
  async function open(report: PushReport, lost: (cause: unknown) => void): Promise<Connection> {
    const model = await connectTo(address, config).catch((error) => {
      throw named(error);
    });
    const told: AmqpPayload = { blocked: null, events: 'off' };
    let cause: unknown = new ProbeError('reset', 'the connection was closed');
    model.on('error', (error) => {
      cause = named(error);
    });
    model.on('close', () => lost(cause));
    model.on('blocked', (reason) => {
      told.blocked = reason;
      report.hurry();
    });
    model.on('unblocked', () => {
      told.blocked = null;
      report.hurry();
    });
    const openAll = async () => {
      const channel = await model.createChannel();
      channel.on('error', () => undefined);
      told.events = await listen(model, name, report);
      return { model, channel, told };
    };
    try {
      return await whileConnected(model, openAll(), { why: () => cause as Error });
    } catch (error) {
      void release({ model });
      throw named(error);
    }
  }

  const kept = keepOpen<Connection>({
    reading: { name: AMQP_READING, intervalMs: AMQP_INTERVAL_MS },
    open,
    release,
    answer: ({ told }) => ({ data: { ...told }, ...(told.events === 'refused' ? { lacks: EVENTS_REFUSED } : {}) }),
  });
  return {
    // A passive declaration of an exchange that always exists: changes nothing and needs no permission.
    ask: () => kept.ask(({ channel }) => channel.checkExchange('amq.direct')),
    subscribe: kept.subscribe,
    close: kept.close,
  };
}

function connectTo(address: string, config: RabbitmqConfig): Promise<ChannelModel> {
  const [vhost = '/'] = config.vhosts;
  const colon = address.lastIndexOf(':');
  return connect(
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
}

async function release({ model }: Pick<Connection, 'model'>): Promise<void> {
  try {
    await model.close();
  } catch {
    // It has ended already: that is as good.
  }
}

/** Binds a queue of its own to the broker's events. They only wake; what changed is read from the API. */
async function listen(connection: ChannelModel, name: string, report: PushReport): Promise<AmqpPayload['events']> {
  const channel = await connection.createChannel();
  let refused = false;
  channel.on('error', (error) => {
    refused = /ACCESS.REFUSED/.test(error.message);
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

/** What amqplib's messages mean: it gives its errors no codes. */
const MEANINGS: readonly (readonly [RegExp, ProbeCode, string])[] = [
  [/ACCESS.REFUSED/, 'auth', 'AMQP: user, password or vhost refused'],
  [/NOT.ALLOWED/, 'forbidden', 'AMQP: no access to the vhost'],
  [/Heartbeat timeout/i, 'timeout', 'AMQP: no heartbeat'],
  [/^connect ETIMEDOUT$/, 'timeout', 'AMQP: the connection was taken, and then nothing came'],
  [/Socket closed abruptly|Unexpected close/i, 'reset', 'AMQP: the connection was cut'],
  [/Frame size|Invalid frame|Expected .* got|Unknown frame/i, 'protocol', 'AMQP: something else answers there'],
];

function named(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  const meaning = MEANINGS.find(([pattern]) => pattern.test(message));
  return meaning === undefined ? error : new ProbeError(meaning[1], meaning[2]);
}
