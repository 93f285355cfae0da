/** Publishes tasks as an application does, with the acting credentials: confirmed by the broker, and never into the void. */
import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';
import type { BrokerAddress } from '#server/amqp/addresses.ts';
import { type AmqpLogin, connectToAny, whileConnected, withoutPassword } from '#server/amqp/connection.ts';
import { type TaskCall, taskMessage } from '#server/celery/messages.ts';
import type { TimerClock } from '#server/runtime/clock.ts';

export type CeleryPublisher = {
  /**
   * Publishes to a queue; resolves when the broker has confirmed.
   * @throws Error with code PUBLISH_UNROUTABLE (no such queue), PUBLISH_REFUSED, PUBLISH_UNCONFIRMED (it may run all the same)
   * or BROKER_UNREACHABLE (nothing was published)
   */
  publish(call: TaskCall, queue: string): Promise<void>;
  close(): void;
};

export type PublisherOptions = {
  /** Tried in their order: the entrances of the applications first. */
  addresses: readonly BrokerAddress[];
  login: AmqpLogin;
  clock: TimerClock;
};

const CONFIRM_LIMIT_MS = 10_000;
const IDLE_MS = 60_000;

type Way = { model: ChannelModel; channel: ConfirmChannel; waiting: Map<string, Waiting> };
type Waiting = { end(failure: Error | null): void; returned: boolean };

/** A publisher that connects when it is first used, and again after a loss. */
export function createPublisher({ addresses, login, clock }: PublisherOptions): CeleryPublisher {
  let way: Promise<Way> | null = null;
  let under = 0;
  let cancelIdle = () => {};

  function openWay(): Promise<Way> {
    const opening = open(addresses, login, () => {
      if (way === opening) way = null;
    });
    opening.catch(() => {
      if (way === opening) way = null;
    });
    return opening;
  }

  function closeWay(): void {
    const closing = way;
    way = null;
    cancelIdle();
    closing?.then(
      ({ model }) => release(model),
      () => undefined,
    );
  }

  return {
    async publish(call, queue) {
      cancelIdle();
      under += 1;
      try {
        way ??= openWay();
        await publishOn(await way, call, queue, clock);
      } finally {
        under -= 1;
        cancelIdle();
        if (under === 0) cancelIdle = clock.after(IDLE_MS, closeWay);
      }
    },
    close: closeWay,
  };
}

async function publishOn({ channel, waiting }: Way, call: TaskCall, queue: string, clock: TimerClock): Promise<void> {
  const { headers, properties, body } = taskMessage(call, clock.now());
  const ended = Promise.withResolvers<void>();
  const one: Waiting = {
    returned: false,
    end: (failure) => (failure === null ? ended.resolve() : ended.reject(failure)),
  };
  waiting.set(call.id, one);
  const cancel = clock.after(CONFIRM_LIMIT_MS, () =>
    one.end(unconfirmed(`no answer within ${CONFIRM_LIMIT_MS / 1_000} s`)),
  );
  try {
    const options = { ...properties, headers, mandatory: true, messageId: call.id };
    send(channel, queue, body, options, (refusal) => {
      // What could not be routed is given back first, and confirmed all the same.
      if (one.returned) one.end(coded('PUBLISH_UNROUTABLE', `There is no queue ${queue}: nothing was published.`));
      else if (refusal === null) one.end(null);
      else if (/nacked/.test(refusal.message))
        one.end(coded('PUBLISH_REFUSED', `The broker refused it: ${queue} may be full.`));
      else one.end(unconfirmed(refusal.message));
    });
    await ended.promise;
  } finally {
    cancel();
    waiting.delete(call.id);
  }
}

function send(
  channel: ConfirmChannel,
  queue: string,
  body: Uint8Array,
  options: Options.Publish,
  done: (refusal: Error | null) => void,
): void {
  try {
    channel.publish('', queue, Buffer.from(body), options, (refusal: Error | null | undefined) =>
      done(refusal ?? null),
    );
  } catch (error) {
    // It throws on a channel that has just ended.
    throw unreachable((error as Error).message);
  }
}

async function open(addresses: readonly BrokerAddress[], login: AmqpLogin, onLost: () => void): Promise<Way> {
  const model = await connectToAny(addresses, login, 'trellis (publishing)').catch(({ message }: Error) => {
    throw unreachable(message);
  });
  const waiting: Way['waiting'] = new Map();
  let cause = 'the connection was closed';
  const drop = () => {
    onLost();
    for (const one of waiting.values()) one.end(unconfirmed(cause));
    // A channel that ended makes the connection useless, too.
    release(model);
  };
  model.on('error', (error: Error) => {
    cause = withoutPassword(error, login);
  });
  model.on('close', drop);
  try {
    const channel = await whileConnected(model, model.createConfirmChannel());
    channel.on('error', (error: Error) => {
      cause = withoutPassword(error, login);
    });
    channel.on('close', drop);
    channel.on('return', ({ properties }) => {
      const one = waiting.get(String(properties.messageId));
      if (one !== undefined) one.returned = true;
    });
    return { model, channel, waiting };
  } catch (error) {
    release(model);
    throw unreachable(withoutPassword(error, login));
  }
}

function release(model: ChannelModel): void {
  model.close().catch(() => undefined);
}

function unconfirmed(why: string): Error {
  return coded(
    'PUBLISH_UNCONFIRMED',
    `The broker did not confirm it (${why}). It may run all the same: look for it before you repeat.`,
  );
}

function unreachable(why: string): Error {
  return coded('BROKER_UNREACHABLE', `Nothing was published: ${why}`);
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
