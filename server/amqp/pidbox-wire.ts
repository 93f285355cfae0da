/** The way to Celery's workers through RabbitMQ: an exclusive queue for replies, and the exchange of remote control. */
import { randomUUID } from 'node:crypto';
import type { Channel, ChannelModel } from 'amqplib';
import type { BrokerAddress } from './addresses.ts';
import { type AmqpLogin, connectToAny } from './connection.ts';
import type { OpenPidboxWire } from './pidbox-client.ts';

/** Celery's exchange of remote control (`control_exchange` and `.pidbox`); workers declare it. */
const CONTROL_EXCHANGE = 'celery.pidbox';
/** Within what Trellis's own users may declare. Exclusive: RabbitMQ 4.3 refuses other queues that do not last. */
const REPLY_QUEUE = 'trellis.reply';

/**
 * Ways over AMQP, each on a connection of its own: a refusal ends a channel, and must not end the intake's. The addresses
 * are tried in their order; `login` must be one that may write to the exchange of remote control.
 */
export function amqpPidboxWire(addresses: readonly BrokerAddress[], login: AmqpLogin): OpenPidboxWire {
  return async (onReply, onLost) => {
    const model = await connectToAny(addresses, login, 'trellis (questions to workers)');
    let cause = new Error('the connection for questions to workers was closed');
    model.on('error', (error: Error) => {
      cause = error;
    });
    model.on('close', () => onLost(cause));
    try {
      const channel = await model.createChannel();
      channel.on('error', (error: Error) => {
        cause = explained(error, login.user);
        // What a channel loses is not told to who waits: the connection goes with it.
        void release(model);
      });
      const { queue } = await channel.assertQueue(`${REPLY_QUEUE}.${randomUUID().slice(0, 8)}`, {
        exclusive: true,
        autoDelete: true,
        durable: false,
      });
      await channel.checkExchange(CONTROL_EXCHANGE);
      await consume(channel, queue, onReply);
      return {
        replyTo: queue,
        publish(body, headers) {
          channel.publish(CONTROL_EXCHANGE, '', Buffer.from(body), {
            headers,
            contentType: 'application/json',
            contentEncoding: 'utf-8',
          });
        },
        close: () => void release(model),
      };
    } catch (error) {
      void release(model);
      throw explained(error as Error, login.user);
    }
  };
}

async function consume(channel: Channel, queue: string, onReply: Parameters<OpenPidboxWire>[0]): Promise<void> {
  await channel.consume(
    queue,
    (message) => {
      // An error thrown in here would end the connection.
      try {
        if (message !== null) onReply(message.content, message.properties.headers ?? {});
      } catch {
        // A reply that cannot be read is none.
      }
    },
    { noAck: true },
  );
}

/** What the broker's refusals mean here, and what helps. */
function explained(error: Error, user: string): Error {
  if (/ACCESS.REFUSED/.test(error.message)) {
    return new Error(
      `RabbitMQ refuses ${user} the questions to workers: give it write on ${CONTROL_EXCHANGE}, and all on ^trellis\\.`,
    );
  }
  if (/NOT.FOUND/.test(error.message)) {
    return new Error(`RabbitMQ has no exchange ${CONTROL_EXCHANGE}: no worker with remote control has been here yet`);
  }
  return error;
}

async function release(model: ChannelModel): Promise<void> {
  try {
    await model.close();
  } catch {
    // It has ended already: that is as good.
  }
}
