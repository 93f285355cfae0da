/**
 * Talks to Celery's workers over their remote control: one message out, as many replies as workers answer. Which messages
 * only ask is not known here. How they travel is `pidbox-wire.ts`.
 */
import { randomUUID } from 'node:crypto';
import { type PidboxReply, parsePidboxReply, pidboxRequest } from '#server/celery/pidbox.ts';
import type { TimerClock } from '#server/runtime/clock.ts';

/** One way to the workers: a queue for replies, and the exchange that reaches them. */
export type PidboxWire = {
  /** The exclusive queue that replies go to. */
  replyTo: string;
  publish(body: Uint8Array, headers: Record<string, unknown>): void;
  /** A second time, or after a loss, it does nothing. */
  close(): void;
};

/**
 * Opens a way to the workers. `onReply` gets every message of the reply queue, `onLost` is called when it ends.
 * @throws Error that says who refused what
 */
export type OpenPidboxWire = (
  onReply: (body: Uint8Array, headers: Readonly<Record<string, unknown>>) => void,
  onLost: (cause: Error) => void,
) => Promise<PidboxWire>;

export type PidboxCall = {
  method: string;
  arguments: Readonly<Record<string, unknown>>;
  /** Node names that it is meant for; null = every worker. */
  destination: readonly string[] | null;
  /** It ends as soon as all of these have answered; none = at the time limit. */
  expected: readonly string[];
  /** From when it is sent, unless `isConnectingTimed`. */
  timeoutMs: number;
  /** The limit counts from the call; a connection that takes longer is left to who calls next, and not given up. */
  isConnectingTimed?: boolean;
  /** By their own clocks, workers drop it afterwards (epoch ms). */
  expiresAt: number;
};

export type PidboxAnswers = {
  /** What each worker said, by node name, without credentials; `{ error: text }` where it refused. */
  replies: ReadonlyMap<string, unknown>;
  /** Those of the expected that said nothing in time. */
  silent: readonly string[];
};

export type PidboxClient = {
  /**
   * @throws Error with code BROKER_UNREACHABLE and what happened as `cause`: nothing was sent, or (`sent` true) nobody can
   * tell what came of it
   */
  call(call: PidboxCall): Promise<PidboxAnswers>;
  /** Ends what is under way, with an error. */
  close(): void;
};

/** All addresses of the brokers get so long. */
const CONNECT_LIMIT_MS = 10_000;
/** A connection that nobody used for this long is closed: one for a question an hour is one too many. */
const IDLE_MS = 60_000;

/** `opening` is null where it failed: those who wait have been told. */
type Way = { opening: Promise<PidboxWire | null>; waiting: Map<string, Waiting> };
type Waiting = {
  call: PidboxCall;
  replies: Map<string, unknown>;
  isSent: boolean;
  /** Takes it off the list, too. */
  end(failure: Error | null): void;
};

/** A client that connects when it is first asked, and again after a loss. */
export function createPidboxClient(open: OpenPidboxWire, clock: TimerClock): PidboxClient {
  let way: Way | null = null;
  let cancelIdle = () => {};

  function openWay(): Way {
    const waiting: Way['waiting'] = new Map();
    const lost = (cause: Error) => leave(made, cause);
    const opening = open((body, headers) => deliver(waiting, body, headers), lost).catch((cause: Error) => {
      lost(cause);
      return null;
    });
    const made: Way = { opening, waiting };
    return made;
  }

  /** Whoever waits on it hears why, and the next call opens another. One that is still being made is closed once it is. */
  function leave(one: Way, cause: Error): void {
    for (const waits of one.waiting.values()) waits.end(unreachable(cause, waits.isSent));
    if (way !== one) return;
    way = null;
    cancelIdle();
    void one.opening.then((wire) => wire?.close());
  }

  function close(): void {
    if (way !== null) leave(way, new Error('closed'));
  }

  /** Ends the call when its time is over; returns what cancels that. */
  function limitConnecting(on: Way, one: Waiting): () => void {
    const { isConnectingTimed, timeoutMs } = one.call;
    const giveUp = () => leave(on, new Error(`no broker answered within ${CONNECT_LIMIT_MS / 1_000} s`));
    // Left as it is, a connection that is still being made would be waited for by everybody who comes after.
    if (isConnectingTimed !== true) return clock.after(CONNECT_LIMIT_MS, giveUp);
    return clock.after(timeoutMs, () => {
      const late = new Error(`the broker did not answer within ${timeoutMs / 1_000} s`);
      one.end(one.isSent ? null : unreachable(late, false));
    });
  }

  return {
    async call(call) {
      cancelIdle();
      way ??= openWay();
      const mine = way;
      const ticket = randomUUID();
      const ended = Promise.withResolvers<void>();
      // It may end before it is waited for.
      ended.promise.catch(() => undefined);
      const one: Waiting = {
        ...{ call, replies: new Map(), isSent: false },
        end(failure) {
          mine.waiting.delete(ticket);
          if (failure === null) ended.resolve();
          else ended.reject(failure);
        },
      };
      mine.waiting.set(ticket, one);
      let cancel = limitConnecting(mine, one);
      try {
        const wire = await Promise.race([mine.opening, ended.promise]);
        // Opened just as its time was over, it is not sent any more.
        if (wire && mine.waiting.has(ticket)) {
          if (call.isConnectingTimed !== true) {
            cancel();
            cancel = clock.after(call.timeoutMs, () => one.end(null));
          }
          one.isSent = true;
          send(wire, call, ticket);
        }
        await ended.promise;
      } finally {
        cancel();
        mine.waiting.delete(ticket);
        if (way === mine && mine.waiting.size === 0) {
          cancelIdle();
          cancelIdle = clock.after(IDLE_MS, close);
        }
      }
      return { replies: one.replies, silent: call.expected.filter((node) => !one.replies.has(node)) };
    },
    close,
  };
}

function send(wire: PidboxWire, { method, arguments: args, destination, expiresAt }: PidboxCall, ticket: string): void {
  const { body, headers } = pidboxRequest({
    ...{ method, arguments: args, destination, ticket, expiresAt },
    replyTo: wire.replyTo,
  });
  try {
    wire.publish(body, headers);
  } catch (error) {
    throw unreachable(error as Error, false);
  }
}

function deliver(waiting: Way['waiting'], body: Uint8Array, headers: Readonly<Record<string, unknown>>): void {
  const reply = parsed(body, headers);
  const one = reply?.ticket == null ? undefined : waiting.get(reply.ticket);
  // Late, or garbage: nobody waits for it.
  if (reply == null || one === undefined) return;
  const { destination, expected } = one.call;
  for (const [node, said] of Object.entries(reply.replies)) {
    if (destination === null || destination.includes(node)) one.replies.set(node, said);
  }
  if (expected.length > 0 && expected.every((node) => one.replies.has(node))) one.end(null);
}

function parsed(body: Uint8Array, headers: Readonly<Record<string, unknown>>): PidboxReply | null {
  try {
    return parsePidboxReply(body, headers);
  } catch {
    return null;
  }
}

function unreachable(cause: Error, sent: boolean): Error {
  const what = sent ? 'The broker was lost after it was sent; whether workers got it is not known' : 'Nothing was sent';
  return Object.assign(new Error(`${what}: ${cause.message}`, { cause }), { code: 'BROKER_UNREACHABLE', sent });
}
