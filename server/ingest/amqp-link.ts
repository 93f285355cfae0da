/** One connection to one broker node, over which events come. */
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { BrokerAddress } from '#server/amqp/addresses.ts';
import { type AmqpLogin, connectTo, whileConnected, withoutPassword } from '#server/amqp/connection.ts';
import type { Link, LinkEvents, OpenLink } from './consumer.ts';
import { declareQueue, type QueueSettings } from './queue.ts';

/** Messages that may be given and not acknowledged: more than wait to be stored, so that the broker need never stop. */
export const PREFETCH = 22_000;
const OFFSET_HEADER = 'x-stream-offset';

/** How the consumer opens its links. `suffix` makes the name of an exclusive queue unique; `limitMs` is for one attempt. */
export function amqpLinks(login: AmqpLogin, settings: QueueSettings, suffix: string, limitMs?: number): OpenLink {
  return async (address, after, heard) => {
    const model = await connectTo(address, login, 'trellis (intake)').catch((error) => {
      throw explained(error, address, login);
    });
    // Nobody hears of a link that was given up: its messages have other numbers than those of the next one.
    let isGivenUp = false;
    const events: LinkEvents = {
      delivery: (delivery) => void (isGivenUp || heard.delivery(delivery)),
      cancelled: () => void (isGivenUp || heard.cancelled()),
      lost: (cause) => void (isGivenUp || heard.lost(cause)),
    };
    let cause: Error = new Error(`${address.name} closed the connection`);
    model.on('error', (error) => {
      cause = explained(error, address, login);
    });
    model.on('close', () => events.lost(cause));
    try {
      const opening = consume(model, { address, login, settings, suffix, after, events });
      return await whileConnected(model, opening, { why: () => cause, ...(limitMs === undefined ? {} : { limitMs }) });
    } catch (error) {
      isGivenUp = true;
      // Not waited for: whoever did not answer before may not answer to this either.
      void model.close().catch(() => undefined);
      throw explained(error, address, login);
    }
  };
}

type Asked = {
  address: BrokerAddress;
  login: AmqpLogin;
  settings: QueueSettings;
  suffix: string;
  after: number | null;
  events: LinkEvents;
};

async function consume(model: ChannelModel, asked: Asked): Promise<Link> {
  const { address, login, settings, suffix, after, events } = asked;
  const queue = await declareQueue(
    {
      channel: () => openChannel(model),
      version: versionOf(model),
      at: address.name,
      user: login.user,
      suffix,
    },
    settings,
  );
  const channel = await openChannel(model);
  // The broker may end the channel and keep the connection: without consumer, and without a word.
  channel.on('close', () => events.lost(new Error(`${address.name} closed the channel`)));
  await channel.prefetch(PREFETCH);
  const offset =
    queue.mode === 'stream' ? { arguments: { [OFFSET_HEADER]: after === null ? 'first' : after + 1 } } : {};
  const onMessage = (message: ConsumeMessage | null) => {
    if (message === null) events.cancelled();
    else events.delivery(deliveryOf(message));
  };
  const { consumerTag } = await channel.consume(queue.name, onMessage, { noAck: false, ...offset });
  return {
    via: address.name,
    queue,
    acknowledge: (tag) => ackUpTo(channel, tag),
    async waiting() {
      // A channel of its own: a refusal must not end the one that consumes.
      const asking = await openChannel(model);
      try {
        return (await asking.checkQueue(queue.name)).messageCount;
      } finally {
        await asking.close().catch(() => undefined);
      }
    },
    async stopConsuming() {
      await channel.cancel(consumerTag);
    },
    async close() {
      await model.close().catch(() => undefined);
    },
  };
}

async function openChannel(model: ChannelModel): Promise<Channel> {
  const channel = await model.createChannel();
  // Whoever waits for an answer gets the error; without a listener it would end the thread.
  channel.on('error', () => undefined);
  return channel;
}

function ackUpTo(channel: Channel, deliveryTag: number): void {
  try {
    channel.ack({ fields: { deliveryTag } } as ConsumeMessage, true);
  } catch {
    // The channel has ended: the broker delivers them again, and the merge takes a repetition for nothing new.
  }
}

function deliveryOf({ content, fields, properties }: ConsumeMessage) {
  const offset: unknown = properties.headers?.[OFFSET_HEADER];
  return {
    body: content,
    tag: fields.deliveryTag,
    redelivered: fields.redelivered,
    offset: typeof offset === 'number' ? offset : null,
  };
}

function versionOf(model: ChannelModel): string | null {
  const { version } = model.connection.serverProperties as { version?: unknown };
  return typeof version === 'string' ? version : null;
}

/** What amqplib's messages mean to an operator: it gives its errors no codes. */
function explained(error: unknown, { name }: BrokerAddress, login: AmqpLogin): Error {
  const { user, vhost } = login;
  const message = withoutPassword(error, login);
  // What the queue's own refusals say needs no more words.
  if ((error as { code?: unknown })?.code === 'QUEUE_REFUSED') return error as Error;
  if (/ACCESS.REFUSED/.test(message)) {
    return new Error(`${name} refuses the user ${user}: check celery.user and celery.password, or those of rabbitmq`);
  }
  if (/NOT.ALLOWED/.test(message)) return new Error(`${name} gives ${user} no access to the vhost ${vhost}`);
  if (/Heartbeat timeout/i.test(message)) return new Error(`${name} hangs: no heartbeat`);
  if (/ETIMEDOUT/.test(message)) return new Error(`${name} does not answer`);
  if (/ECONNREFUSED/.test(message)) return new Error(`nobody listens on ${name}`);
  if (/Socket closed abruptly|Unexpected close|ECONNRESET|EPIPE/i.test(message)) {
    return new Error(`${name} cut the connection`);
  }
  if (/CONNECTION.FORCED/.test(message)) return new Error(`${name} closed the connection: ${message}`);
  return new Error(`${name}: ${message}`);
}
