/** The canaries' way in: one confirmed connection through the applications' entrances, and again after a loss. */
import type { Socket } from 'node:net';
import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { type BrokerAddress, brokerAddress } from '#server/amqp/addresses.ts';
import { type AmqpLogin, connectTo, whileConnected, withoutPassword } from '#server/amqp/connection.ts';
import { type TaskCall, taskMessage } from '#server/celery/messages.ts';
import type { TimerClock } from '#server/runtime/clock.ts';

/** One entrance of the applications. */
export type Entrance = { address: BrokerAddress; login: AmqpLogin };

export type CanaryBrokerOptions = {
  /** At least one; tried in turn, the next after each attempt. */
  entrances: readonly Entrance[];
  clock: TimerClock;
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
/** After a failure. No outage is told more exactly than this. */
export const RETRY_MS = 50;
/** While an attempt hangs another one is made beside it: through a proxy it may lead elsewhere. */
const HEDGE_MS = 250;

type Waiting = { cancel(): void };
type Link = { model: ChannelModel; channel: ConfirmChannel; waiting: Map<string, Waiting> };

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
  let cancelNext = () => {};

  function connect(): void {
    next(HEDGE_MS);
    const entrance = entrances[tried % entrances.length];
    if (entrance === undefined) return;
    tried += 1;
    attempt(entrance).catch((error) => {
      onProblem(`${entrance.address.name}: ${withoutPassword(error, entrance.login)}`);
      if (link === null) next(RETRY_MS);
    });
  }

  function next(ms: number): void {
    cancelNext();
    if (!isClosed) cancelNext = clock.after(ms, connect);
  }

  /** The first that may publish is the link; others are cut. */
  async function attempt({ address, login }: Entrance): Promise<void> {
    const model = await connectTo(address, login, 'trellis (canaries)');
    let own: Link | null = null;
    let cause = 'the connection was closed';
    const noteCause = (error: Error) => {
      cause = withoutPassword(error, login);
    };
    const lost = () => {
      if (own === null || link !== own) return;
      onProblem(`lost ${address.name}: ${cause}`);
      drop();
      next(RETRY_MS);
    };
    model.on('error', noteCause);
    model.on('close', lost);
    const isLate = () => isClosed || link !== null;
    if (isLate()) return cut(model);
    let channel: ConfirmChannel;
    try {
      channel = await whileConnected(model, model.createConfirmChannel());
    } catch (error) {
      cut(model);
      throw error;
    }
    if (isLate()) return cut(model);
    channel.on('error', noteCause);
    channel.on('close', lost);
    own = { model, channel, waiting: new Map() };
    link = own;
    cancelNext();
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

  connect();
  return {
    publish(call, queue) {
      const on = link;
      if (on === null) return false;
      const giveUp = () => {
        if (link !== on) return;
        onProblem(`no confirm within ${CONFIRM_LIMIT_MS / 1_000} s`);
        drop();
        next(RETRY_MS);
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
      cancelNext();
      drop();
    },
  };
}

/** A hung broker never answers a farewell. */
function cut(model: ChannelModel): void {
  (model.connection as unknown as { stream: Socket }).stream.destroy(new Error('cut by Trellis'));
}
