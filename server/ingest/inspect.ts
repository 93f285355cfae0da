/**
 * Asks Celery's workers over their remote control. Only questions: what a worker would do on being told is not for the
 * intake. How the messages travel is `inspect-wire.ts`.
 */
import { randomUUID } from 'node:crypto';
import { type PidboxReply, parsePidboxReply, pidboxRequest } from '#server/celery/pidbox.ts';
import type { TimerClock } from '#server/runtime/clock.ts';

/** What may be asked. Everything else is refused here, whoever asks. */
export const INSPECT_VERBS = [
  'ping',
  'query_task',
  'active',
  'reserved',
  'scheduled',
  'revoked',
  'registered',
  'stats',
  'active_queues',
  'conf',
  'clock',
  'report',
] as const;
export type InspectVerb = (typeof INSPECT_VERBS)[number];

export type InspectQuestion = {
  verb: InspectVerb;
  arguments?: Readonly<Record<string, unknown>>;
  /** Node names. It ends as soon as all of them have answered. */
  destination: readonly string[];
  timeoutMs: number;
};

export type InspectAnswers = {
  /** What each worker said, by node name; `{ error: text }` where it refused. */
  replies: ReadonlyMap<string, unknown>;
  /** Those of the asked that said nothing in time. */
  silent: readonly string[];
};

/** One way to the workers: a queue for replies, and the exchange that reaches them. */
export type InspectWire = {
  /** The exclusive queue that replies go to. */
  replyTo: string;
  publish(body: Uint8Array, headers: Record<string, unknown>): void;
  close(): void;
};

/**
 * Opens a way to the workers. `onReply` gets every message of the reply queue, `onLost` is called once when it ends.
 * @throws Error that says who refused what
 */
export type OpenInspectWire = (
  onReply: (body: Uint8Array, headers: Readonly<Record<string, unknown>>) => void,
  onLost: (cause: Error) => void,
) => Promise<InspectWire>;

export type Inspector = {
  /** @throws Error when the broker cannot be reached or refuses, or the verb is none that only asks */
  ask(question: InspectQuestion): Promise<InspectAnswers>;
  close(): void;
};

/** Workers compare this with their own clock: one that is behind or ahead by less still answers. */
const EXPIRES_AFTER_MS = 60_000;
/** A way that nobody used for this long is closed: a connection for a question an hour is a connection too many. */
const IDLE_MS = 60_000;

type Pending = { destination: ReadonlySet<string>; replies: Map<string, unknown>; settle(failure: Error | null): void };

/** An inspector that opens its way when the first question is asked. */
export function createInspector(open: OpenInspectWire, clock: TimerClock): Inspector {
  const pending = new Map<string, Pending>();
  let wire: Promise<InspectWire> | null = null;
  let cancelIdle = () => {};

  function onReply(body: Uint8Array, headers: Readonly<Record<string, unknown>>): void {
    const reply = parsed(body, headers);
    const question = reply?.ticket == null ? undefined : pending.get(reply.ticket);
    // A worker that answers late, or garbage: nobody waits for it.
    if (reply == null || question === undefined) return;
    for (const [node, said] of Object.entries(reply.replies)) {
      if (question.destination.has(node)) question.replies.set(node, said);
    }
    if (question.replies.size === question.destination.size) question.settle(null);
  }

  function drop(cause: Error): void {
    wire = null;
    cancelIdle();
    for (const question of [...pending.values()]) question.settle(cause);
  }

  function opened(): Promise<InspectWire> {
    if (wire !== null) return wire;
    let isLost = false;
    const opening: Promise<InspectWire> = open(onReply, (cause) => {
      isLost = true;
      if (wire === opening || wire === null) drop(cause);
    });
    wire = opening;
    opening.then(
      (one) => {
        // Given up while it was being made.
        if (wire !== opening || isLost) one.close();
      },
      () => {
        if (wire === opening) wire = null;
      },
    );
    return opening;
  }

  function closeWire(): void {
    const closing = wire;
    drop(new Error('closed'));
    closing?.then(
      (one) => one.close(),
      () => undefined,
    );
  }

  function rest(): void {
    cancelIdle();
    cancelIdle = clock.after(IDLE_MS, closeWire);
  }

  return {
    async ask({ verb, arguments: args = {}, destination, timeoutMs }) {
      if (!(INSPECT_VERBS as readonly string[]).includes(verb)) throw new Error(`${verb} is no question`);
      const asked = new Set(destination);
      const replies = new Map<string, unknown>();
      if (asked.size === 0) return { replies, silent: [] };
      const ticket = randomUUID();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      promise.catch(() => undefined);
      const settle = (failure: Error | null) => (failure === null ? resolve() : reject(failure));
      pending.set(ticket, { destination: asked, replies, settle });
      const cancel = clock.after(timeoutMs, () => settle(null));
      cancelIdle();
      try {
        const way = await Promise.race([opened(), promise.then(() => null)]);
        if (way === null) throw new Error(`the broker did not answer within ${timeoutMs / 1000} s`);
        const expiresAt = clock.now() + EXPIRES_AFTER_MS;
        const request = {
          method: verb,
          arguments: args,
          destination: [...asked],
          ticket,
          replyTo: way.replyTo,
          expiresAt,
        };
        const { body, headers } = pidboxRequest(request);
        way.publish(body, headers);
        await promise;
        return { replies, silent: [...asked].filter((node) => !replies.has(node)) };
      } finally {
        cancel();
        pending.delete(ticket);
        if (pending.size === 0 && wire !== null) rest();
      }
    },
    close: closeWire,
  };
}

function parsed(body: Uint8Array, headers: Readonly<Record<string, unknown>>): PidboxReply | null {
  try {
    return parsePidboxReply(body, headers);
  } catch {
    return null;
  }
}
