/** Task messages of Celery's protocol 2, as its own clients publish them. Pure. */
import { printExact, printExactTuple } from './exact-json.ts';

/** A task to publish; values as JSON says them, or exact ones of `exact-json.ts`. Times are epoch ms. */
export type TaskCall = {
  id: string;
  name: string;
  args: readonly unknown[];
  kwargs: Readonly<Record<string, unknown>>;
  /** Instead of what they print: workers log it and events carry it. */
  argsrepr?: string;
  kwargsrepr?: string;
  /** Who publishes: `gen<pid>@<host>`. */
  origin: string;
  eta?: number;
  expires?: number;
  retries?: number;
  /** Priority of the message, where the queue knows any. */
  priority?: number;
  rootId?: string;
  parentId?: string;
  groupId?: string;
  ignoreResult?: boolean;
  /** The id of the task that this one repeats, for people who look at the message. */
  retryOf?: string;
};

/** In the words of amqplib. */
export type TaskProperties = {
  correlationId: string;
  replyTo: string;
  contentType: 'application/json';
  contentEncoding: 'utf-8';
  deliveryMode: 2;
  priority?: number;
  /** Milliseconds in the queue, after which the broker drops it. */
  expiration?: string;
};

/** What a client publishes. */
export type TaskMessage = {
  headers: Readonly<Record<string, unknown>>;
  properties: TaskProperties;
  body: Uint8Array;
};

/** As Celery cuts them. */
const REPR_LIMIT = 1_024;

/** The message of a task that is published at `now`. @throws TypeError when the arguments are nothing that JSON can say */
export function taskMessage(call: TaskCall, now: number): TaskMessage {
  const properties: TaskProperties = {
    correlationId: call.id,
    replyTo: '',
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    deliveryMode: 2,
  };
  if (call.priority !== undefined) properties.priority = call.priority;
  if (call.expires !== undefined) properties.expiration = String(Math.max(0, Math.round(call.expires - now)));
  const embed = { callbacks: null, errbacks: null, chain: null, chord: null };
  const body = new TextEncoder().encode(JSON.stringify([call.args, call.kwargs, embed]));
  return { headers: headersOf(call), properties, body };
}

function headersOf(call: TaskCall): Readonly<Record<string, unknown>> {
  return {
    lang: 'py',
    task: call.name,
    id: call.id,
    shadow: null,
    eta: isoOf(call.eta),
    expires: isoOf(call.expires),
    group: call.groupId ?? null,
    group_index: null,
    retries: call.retries ?? 0,
    // The worker's own.
    timelimit: [null, null],
    root_id: call.rootId ?? call.id,
    parent_id: call.parentId ?? null,
    argsrepr: cut(call.argsrepr ?? printExactTuple(call.args)),
    kwargsrepr: cut(call.kwargsrepr ?? printExact(call.kwargs)),
    origin: call.origin,
    ignore_result: call.ignoreResult ?? false,
    ...(call.retryOf === undefined ? {} : { trellis_retry_of: call.retryOf }),
  };
}

function cut(printed: string): string {
  return printed.length <= REPR_LIMIT ? printed : `${printed.slice(0, REPR_LIMIT - 1).toWellFormed()}…`;
}

function isoOf(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString().replace('Z', '+00:00');
}
