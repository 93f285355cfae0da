/** The canaries' way in: one confirmed connection at a time through the applications' entrances, and again after a loss. */
import type { Socket } from 'node:net';
import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { type BrokerAddress, brokerAddress } from '#server/amqp/addresses.ts';
import { type AmqpLogin, connectTo, whileConnected, withoutPassword } from '#server/amqp/connection.ts';
import { type TaskCall, taskMessage } from '#server/celery/messages.ts';
import type { TimerClock } from '#server/runtime/clock.ts';

/** One entrance of the applications. */
export type Entrance = { address: BrokerAddress; login: AmqpLogin };

export type CanaryBrokerOptions = {
  /** At least one; tried in turn, the next after each failure. */
  entrances: readonly Entrance[];
  clock: TimerClock;
  /** 0 to 1. */
  random(): number;
  onConfirmed(id: string): void;
  /** Given back, refused, or cut off before its confirm: it may run all the same. */
  onUnconfirmed(id: string): void;
  /** For the log; without credentials. */
  onProblem(message: string): void;
};

export type CanaryBroker = {
  /** Publishes where there is a connection; false = there is none. */
  publish(call: TaskCall, queue: string): boolean;
  /** What is without confirm now will stay so. */
  close(): void;
};

/** Applications wait about as long before they give a connection up. */
const CONFIRM_LIMIT_MS = 5_000;
const RETRY_MS = { least: 100, most: 250 } as const;

type Waiting = { cancel(): void };
type Link = { model: ChannelModel; channel: ConfirmChannel; waiting: Map<string, Waiting> };

/** How long to wait (ms) before an entrance is tried again. `random` is 0 to 1. */
export function retryDelayMs(random: number): number {
  return Math.round(RETRY_MS.least + random * (RETRY_MS.most - RETRY_MS.least));
}

/** The longest of these delays. */
export const LONGEST_RETRY_MS: number = RETRY_MS.most;

/** The entrance that an AMQP URL means; user and password of the URL count where `login` is not given. @throws TypeError */
export function entranceOf(url: string, login: { user: string; password: string } | undefined): Entrance {
  const address = brokerAddress(url);
  if (address === null) throw new TypeError('an entrance is written as amqp://address:port//');
  const { username, password, pathname } = new URL(url);
  const named = { user: decodeURIComponent(username) || 'guest', password: decodeURIComponent(password) || 'guest' };
  return { address, login: { ...(login ?? named), vhost: decodeURIComponent(pathname.slice(1)) || '/' } };
}

/** Connects at once. */
export function openCanaryBroker(options: CanaryBrokerOptions): CanaryBroker {
  const { entrances, clock, onProblem } = options;
  let link: Link | null = null;
  let tried = 0;
  let isClosed = false;
  let cancelRetry = () => {};

  async function connect(): Promise<void> {
    const entrance = entrances[tried % entrances.length];
    if (entrance === undefined) return;
    tried += 1;
    const { address, login } = entrance;
    try {
      const model = await connectTo(address, login, 'trellis (canaries)');
      await use(model, address.name, login);
    } catch (error) {
      onProblem(`${address.name}: ${withoutPassword(error, login)}`);
      again();
    }
  }

  function again(): void {
    if (!isClosed) cancelRetry = clock.after(retryDelayMs(options.random()), () => void connect());
  }

  async function use(model: ChannelModel, name: string, login: AmqpLogin): Promise<void> {
    let own: Link | null = null;
    let cause = 'the connection was closed';
    const noteCause = (error: Error) => {
      cause = withoutPassword(error, login);
    };
    const lost = () => {
      if (own === null || link !== own) return;
      onProblem(`lost ${name}: ${cause}`);
      drop();
      again();
    };
    model.on('error', noteCause);
    model.on('close', lost);
    if (isClosed) return cut(model);
    let channel: ConfirmChannel;
    try {
      channel = await whileConnected(model, model.createConfirmChannel());
    } catch (error) {
      cut(model);
      throw error;
    }
    if (isClosed) return cut(model);
    channel.on('error', noteCause);
    channel.on('close', lost);
    own = { model, channel, waiting: new Map() };
    link = own;
    // A canary for which there is no queue is given back first, and confirmed all the same.
    channel.on('return', ({ properties }) => settle(own as Link, String(properties.messageId), false));
  }

  function settle(on: Link, id: string, isConfirmed: boolean): void {
    const one = on.waiting.get(id);
    if (one === undefined) return;
    on.waiting.delete(id);
    one.cancel();
    if (isConfirmed) options.onConfirmed(id);
    else options.onUnconfirmed(id);
  }

  function drop(): void {
    const old = link;
    if (old === null) return;
    link = null;
    for (const id of [...old.waiting.keys()]) settle(old, id, false);
    cut(old.model);
  }

  void connect();
  return {
    publish(call, queue) {
      const on = link;
      if (on === null) return false;
      const giveUp = () => {
        if (link !== on) return;
        onProblem(`no confirm within ${CONFIRM_LIMIT_MS / 1_000} s`);
        drop();
        again();
      };
      on.waiting.set(call.id, { cancel: clock.after(CONFIRM_LIMIT_MS, giveUp) });
      const { headers, properties, body } = taskMessage(call, clock.now());
      const message = { ...properties, headers, mandatory: true, messageId: call.id };
      try {
        on.channel.publish('', queue, Buffer.from(body), message, (refusal: unknown) =>
          settle(on, call.id, refusal === null || refusal === undefined),
        );
      } catch {
        // The channel has just ended, and says so itself.
        settle(on, call.id, false);
      }
      return true;
    },
    close() {
      isClosed = true;
      cancelRetry();
      drop();
    },
  };
}

/** A hung broker never answers a farewell. */
function cut(model: ChannelModel): void {
  (model.connection as unknown as { stream: Socket }).stream.destroy(new Error('cut by Trellis'));
}
