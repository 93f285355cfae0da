/** Celery's remote control (kombu's pidbox): requests to workers, and what they reply. Pure. */
import { parsePython } from './json.ts';
import { scrub } from './scrub.ts';
import { objectOf } from './values.ts';

/** A question or a command to workers. */
export type PidboxRequest = {
  /** `ping`, `query_task`, `pool_grow`, … What it does not know of `arguments`, a worker ignores and acts all the same. */
  method: string;
  arguments: Readonly<Record<string, unknown>>;
  /** Node names; null = every worker. */
  destination: readonly string[] | null;
  /** Names which reply belongs to it; null = nobody waits for one. */
  ticket: string | null;
  /** The queue that replies go to, by the default exchange; null = none are wanted. */
  replyTo: string | null;
  /** Epoch ms. By their own clocks, workers drop it afterwards; null = never. */
  expiresAt: number | null;
};

/** What is published to the exchange of remote control, as `application/json`. */
export type PidboxMessage = { body: Uint8Array; headers: { clock: number; expires: number } };

/** What a worker said: by node name; `{ error: text }` where it refused. */
export type PidboxReply = { ticket: string | null; replies: Readonly<Record<string, unknown>> };

/** The message of a request. @throws TypeError when the arguments are nothing that JSON can say */
export function pidboxRequest(request: PidboxRequest): PidboxMessage {
  const { method, destination, ticket, replyTo, expiresAt } = request;
  const body = {
    ...{ method, arguments: request.arguments, destination, pattern: null, matcher: null },
    ...(ticket === null ? {} : { ticket }),
    ...(replyTo === null ? {} : { reply_to: { exchange: '', routing_key: replyTo } }),
  };
  return {
    body: new TextEncoder().encode(JSON.stringify(body)),
    headers: { clock: 0, expires: expiresAt === null ? 0 : expiresAt / 1_000 },
  };
}

/**
 * The reply, without credentials; the ticket comes in the message's headers.
 * @throws SyntaxError when it is no JSON, TypeError when it is no reply
 */
export function parsePidboxReply(body: string | Uint8Array, headers: Readonly<Record<string, unknown>>): PidboxReply {
  const replies = objectOf(parsePython(body));
  if (replies === null) throw new TypeError('not a reply of a worker');
  const { ticket } = headers;
  const said = Object.entries(replies).map(([node, reply]) => [node, scrub(reply)]);
  return { ticket: typeof ticket === 'string' ? ticket : null, replies: Object.fromEntries(said) };
}

/** Why a worker refused, or null: it did not. */
export function pidboxError(reply: unknown): string | null {
  const error = objectOf(reply)?.error;
  return typeof error === 'string' ? error : null;
}
