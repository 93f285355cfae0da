/**
 * Talks to Celery's workers over their remote control: one message out, as many replies as workers answer. Which of them only
 * ask is not known here. How the messages travel is `#server/ingest/inspect-wire.ts`.
 */
import { randomUUID } from 'node:crypto';
import { type PidboxReply, parsePidboxReply, pidboxRequest } from '#server/celery/pidbox.ts';
import type { InspectWire, OpenInspectWire } from '#server/ingest/inspect.ts';
import type { TimerClock } from '#server/runtime/clock.ts';

export type PidboxCall = {
  method: string;
  arguments: Readonly<Record<string, unknown>>;
  /** Node names that it is meant for; null = every worker. */
  destination: readonly string[] | null;
  /** It ends as soon as all of these have answered; none = at the time limit. */
  expected: readonly string[];
  /** From when it is sent. */
  timeoutMs: number;
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
  /** @throws Error with code BROKER_UNREACHABLE: nothing was sent, or (`sent` true) nobody can tell what came of it */
  call(call: PidboxCall): Promise<PidboxAnswers>;
  close(): void;
};

/** All addresses of the brokers get so long. */
const CONNECT_LIMIT_MS = 10_000;
/** A connection that nobody used for this long is closed. */
const IDLE_MS = 60_000;

type Way = { opening: Promise<InspectWire>; waiting: Map<string, Waiting> };
type Waiting = { call: PidboxCall; replies: Map<string, unknown>; end(failure: Error | null): void };

/** A client that connects when it is first asked, and again after a loss. */
export function createPidboxClient(open: OpenInspectWire, clock: TimerClock): PidboxClient {
  let way: Way | null = null;
  let cancelIdle = () => {};

  function openWay(): Way {
    const waiting: Way['waiting'] = new Map();
    const drop = (cause: Error) => {
      if (way === made) way = null;
      for (const one of waiting.values()) one.end(unreachable(cause.message, true));
    };
    const opening = open((body, headers) => deliver(waiting, body, headers), drop);
    const made: Way = { opening, waiting };
    opening.catch(drop);
    return made;
  }

  function closeWay(): void {
    const closing = way;
    way = null;
    cancelIdle();
    closing?.opening.then(
      (wire) => wire.close(),
      () => undefined,
    );
  }

  async function wireOf(one: Way): Promise<InspectWire> {
    const late = Promise.withResolvers<never>();
    const cancel = clock.after(CONNECT_LIMIT_MS, () => {
      // A connection that is still being made would be waited for by everybody who comes after.
      if (way === one) closeWay();
      late.reject(new Error(`no broker answered within ${CONNECT_LIMIT_MS / 1_000} s`));
    });
    try {
      return await Promise.race([one.opening, late.promise]);
    } catch (error) {
      throw unreachable((error as Error).message, false);
    } finally {
      cancel();
    }
  }

  return {
    async call(call) {
      cancelIdle();
      way ??= openWay();
      const mine = way;
      const wire = await wireOf(mine);
      const ticket = randomUUID();
      const ended = Promise.withResolvers<void>();
      const replies = new Map<string, unknown>();
      const end = (failure: Error | null) => (failure === null ? ended.resolve() : ended.reject(failure));
      mine.waiting.set(ticket, { call, replies, end });
      const cancel = clock.after(call.timeoutMs, () => end(null));
      try {
        send(wire, call, ticket);
        await ended.promise;
      } finally {
        cancel();
        mine.waiting.delete(ticket);
        if (way === mine && mine.waiting.size === 0) {
          cancelIdle();
          cancelIdle = clock.after(IDLE_MS, closeWay);
        }
      }
      return { replies, silent: call.expected.filter((node) => !replies.has(node)) };
    },
    close: closeWay,
  };
}

function send(
  wire: InspectWire,
  { method, arguments: args, destination, expiresAt }: PidboxCall,
  ticket: string,
): void {
  const { body, headers } = pidboxRequest({
    ...{ method, arguments: args, destination, ticket, expiresAt },
    replyTo: wire.replyTo,
  });
  try {
    wire.publish(body, headers);
  } catch (error) {
    throw unreachable((error as Error).message, false);
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

function unreachable(why: string, sent: boolean): Error {
  const what = sent ? 'The broker was lost after it was sent; whether workers got it is not known' : 'Nothing was sent';
  return Object.assign(new Error(`${what}: ${why}`), { code: 'BROKER_UNREACHABLE', sent });
}
