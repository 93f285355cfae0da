/**
 * Trellis's own queue of Celery's events: the safest kind that the broker has. The one thing that Trellis declares outside
 * itself besides what actions do.
 */
import { EVENT_QUEUE_MODES, type EventQueueMode } from '#lib/model/celery.ts';

/** What may be asked for; `auto` = the safest that the broker has. */
export const WANTED_MODES = ['auto', ...EVENT_QUEUE_MODES] as const;
export type WantedMode = (typeof WANTED_MODES)[number];

export type QueueSettings = { queue: string; exchange: string; maxBytes: number; mode: WantedMode };

export type DeclaredQueue = {
  /** The configured name; an exclusive queue has a suffix. */
  name: string;
  mode: EventQueueMode;
  /** Why it is not a safer one; null = it is the safest, or the one asked for. */
  reason: string | null;
  /** Messages that waited in it. */
  waiting: number;
};

/** As much of an AMQP channel as declaring takes. A refusal ends the channel: each step gets its own. */
export type QueueChannel = {
  checkExchange(exchange: string): Promise<unknown>;
  assertExchange(exchange: string, type: 'topic', options: { durable: true; autoDelete: false }): Promise<unknown>;
  assertQueue(queue: string, options: QueueOptions): Promise<{ messageCount: number }>;
  bindQueue(queue: string, exchange: string, pattern: string): Promise<unknown>;
  close(): Promise<unknown>;
};

export type QueueArguments = Readonly<Record<string, string | number | boolean>>;
export type QueueOptions = {
  durable: boolean;
  autoDelete: boolean;
  exclusive: boolean;
  arguments: QueueArguments;
};

/** Who asks, where. */
export type Broker = {
  channel(): Promise<QueueChannel>;
  /** RabbitMQ's version, `3.10.8`; null = not told. */
  version: string | null;
  /** `address:port` and user, for messages. */
  at: string;
  user: string;
  /** Makes the name of an exclusive queue unique. */
  suffix: string;
};

/** The queue cannot be had; the message says what helps. */
export class QueueRefused extends Error {
  readonly code = 'QUEUE_REFUSED';
}

const BEYOND_ITS_BOUND = 'Beyond its bound the oldest events, and no broker says how many.';

/** What each mode can lose, in a sentence or two. */
export const CAN_LOSE: Readonly<Record<EventQueueMode, string>> = {
  quorum: `Nothing that reached the queue while most of its nodes live. ${BEYOND_ITS_BOUND}`,
  mirrored: `What its node holds when that is lost, unless a policy mirrors the queue. ${BEYOND_ITS_BOUND}`,
  stream: `What workers send while the stream changes its leader. ${BEYOND_ITS_BOUND}`,
  exclusive: 'Everything that happens while Trellis is not connected.',
};

/** The oldest RabbitMQ (major, minor) that has them. Older ones take the argument and make a classic queue. */
const SINCE: Readonly<Partial<Record<EventQueueMode, readonly [number, number]>>> = {
  quorum: [3, 8],
  stream: [3, 9],
};
const SAFEST_FIRST: readonly EventQueueMode[] = ['quorum', 'mirrored', 'exclusive'];
/** From here on a quorum queue drops what came back 20 times, unless it is declared with another limit. */
const LIMITS_DELIVERIES = [4, 0] as const;
/** As good as none. None at all (-1) lets some releases write the queue's settings to its log every few seconds. */
const DELIVERY_LIMIT = 1_000_000;
const STREAM_SEGMENT_BYTES = 50_000_000;
/** A queue may differ in so many arguments, and one is told at a time. */
const ADAPTIONS = 12;

/**
 * Declares and binds the queue. One that is there already is taken as it is.
 * @throws QueueRefused when the broker refuses for good, or the connection's own error
 */
export async function declareQueue(broker: Broker, settings: QueueSettings): Promise<DeclaredQueue> {
  await findExchange(broker, settings);
  const wanted = settings.mode;
  let reason: string | null = null;
  for (const mode of wanted === 'auto' ? SAFEST_FIRST : [wanted]) {
    const lacks = lackOf(mode, broker.version);
    const found = lacks === null ? await tryMode(broker, settings, mode) : { refused: lacks };
    if ('refused' in found) {
      reason ??= found.refused;
      continue;
    }
    await bind(broker, settings, found.name);
    return { ...found, reason: found.reason ?? reason };
  }
  throw new QueueRefused(
    `${broker.at} has no queue of the kind asked for ${settings.queue}: ${reason ?? 'no reason given'}`,
  );
}

function lackOf(mode: EventQueueMode, version: string | null): string | null {
  const since = SINCE[mode];
  return since !== undefined && isOlder(version, since) === true ? `RabbitMQ ${version} has no ${mode} queues` : null;
}

/** null = the version is not told. */
function isOlder(version: string | null, since: readonly [number, number]): boolean | null {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  if (major === undefined) return null;
  return Number(major) < since[0] || (Number(major) === since[0] && Number(minor) < since[1]);
}

async function findExchange(broker: Broker, { exchange }: QueueSettings): Promise<void> {
  try {
    await withChannel(broker, (channel) => channel.checkExchange(exchange));
  } catch (error) {
    if (!isRefusal(error, 404)) throw error;
    // As Celery declares it; another declaration would keep its workers out.
    await withChannel(broker, (channel) =>
      channel.assertExchange(exchange, 'topic', { durable: true, autoDelete: false }),
    ).catch((refused) => {
      if (!isRefusal(refused, 403)) throw refused;
      throw new QueueRefused(
        `${broker.at} has no exchange ${exchange} yet, and ${broker.user} may not make it: start a worker, or give ` +
          `configure on ^${exchange}$`,
      );
    });
  }
}

async function tryMode(
  broker: Broker,
  settings: QueueSettings,
  mode: EventQueueMode,
): Promise<DeclaredQueue | { refused: string }> {
  const name = mode === 'exclusive' ? `${settings.queue}.${broker.suffix}` : settings.queue;
  let options = optionsOf(mode, settings.maxBytes, broker.version);
  const differs = new Set<string>();
  for (let attempt = 0; attempt < ADAPTIONS; attempt += 1) {
    try {
      const asked = options;
      const { messageCount } = await withChannel(broker, (channel) => channel.assertQueue(name, asked));
      return { name, ...modeAsFound(options, mode, differs), waiting: messageCount };
    } catch (error) {
      if (isRefusal(error, 403)) throw notAllowed(broker, name, settings.exchange);
      if (isRefusal(error, 405)) throw new QueueRefused(`${name} on ${broker.at} belongs to another connection alone`);
      const difference = differenceIn(error);
      if (difference === null) {
        if (!isRefusal(error, 406) && !isRefusal(error, 540)) throw error;
        return { refused: textOf(error) };
      }
      if (differs.has(difference.argument)) return { refused: textOf(error) };
      differs.add(difference.argument);
      options = adapted(options, difference);
    }
  }
  return { refused: `${name} differs in too many arguments` };
}

function optionsOf(mode: EventQueueMode, maxBytes: number, version: string | null): QueueOptions {
  const bound = { 'x-max-length-bytes': maxBytes };
  const lasting = { durable: true, autoDelete: false, exclusive: false };
  switch (mode) {
    case 'quorum': {
      const limit = isOlder(version, LIMITS_DELIVERIES) === false ? { 'x-delivery-limit': DELIVERY_LIMIT } : {};
      return { ...lasting, arguments: { 'x-queue-type': 'quorum', ...bound, 'x-overflow': 'drop-head', ...limit } };
    }
    case 'mirrored':
      // The type is named: a vhost may have another default.
      return { ...lasting, arguments: { 'x-queue-type': 'classic', ...bound, 'x-overflow': 'drop-head' } };
    case 'stream':
      return {
        ...lasting,
        arguments: { 'x-queue-type': 'stream', ...bound, 'x-stream-max-segment-size-bytes': STREAM_SEGMENT_BYTES },
      };
    case 'exclusive':
      return {
        ...{ durable: false, autoDelete: true, exclusive: true },
        arguments: { 'x-queue-type': 'classic', ...bound, 'x-overflow': 'drop-head' },
      };
  }
}

/** What the queue turned out to be, after it was asked for as it is. */
function modeAsFound(
  options: QueueOptions,
  wanted: EventQueueMode,
  differs: ReadonlySet<string>,
): Pick<DeclaredQueue, 'mode' | 'reason'> {
  if (differs.size === 0) return { mode: wanted, reason: null };
  const type = options.arguments['x-queue-type'] ?? 'classic';
  const mode = type === 'quorum' || type === 'stream' ? type : wanted === 'exclusive' ? 'exclusive' : 'mirrored';
  const what = [...differs].sort().join(', ');
  return { mode, reason: `the queue was there already, with other settings (${what}): it is used as it is` };
}

type Difference = { argument: string; current: string | number | boolean | null };

/** What RabbitMQ says of a queue that is there with another argument. */
function differenceIn(error: unknown): Difference | null {
  const [, argument, current] = /inequivalent arg '([^']+)' .*but current is (.+?)"?$/.exec(textOf(error)) ?? [];
  if (argument === undefined || current === undefined) return null;
  if (current === 'none') return { argument, current: null };
  const [, typed, type] = /^the value '(.*)' of type '(\w+)'$/.exec(current) ?? [];
  if (typed !== undefined) {
    if (type === 'longstr') return { argument, current: typed };
    return { argument, current: type === 'bool' ? typed === 'true' : Number(typed) };
  }
  const plain = current.replace(/^'(.*)'$/, '$1');
  return { argument, current: plain === 'true' ? true : plain === 'false' ? false : plain };
}

const FLAGS = { durable: 'durable', auto_delete: 'autoDelete', exclusive: 'exclusive' } as const;

function adapted(options: QueueOptions, { argument, current }: Difference): QueueOptions {
  if (Object.hasOwn(FLAGS, argument)) {
    return { ...options, [FLAGS[argument as keyof typeof FLAGS]]: current === true };
  }
  const { [argument]: _, ...rest } = options.arguments;
  return { ...options, arguments: current === null ? rest : { ...rest, [argument]: current } };
}

async function bind(broker: Broker, { exchange }: QueueSettings, queue: string): Promise<void> {
  try {
    await withChannel(broker, (channel) => channel.bindQueue(queue, exchange, '#'));
  } catch (error) {
    throw isRefusal(error, 403) ? notAllowed(broker, queue, exchange) : error;
  }
}

function notAllowed({ at, user }: Broker, queue: string, exchange: string): QueueRefused {
  const pattern = '^trellis\\.';
  return new QueueRefused(
    `${at} refuses ${user} the queue ${queue}: give configure and write on ${pattern} and read on ` +
      `${pattern} and ^${exchange}$`,
  );
}

async function withChannel<T>(broker: Broker, use: (channel: QueueChannel) => Promise<T>): Promise<T> {
  const channel = await broker.channel();
  try {
    return await use(channel);
  } finally {
    // One that was refused has been closed by the broker.
    await channel.close().catch(() => undefined);
  }
}

/** True for a refusal with this reply code: amqplib gives the code with the error that ended the channel. */
export function isRefusal(error: unknown, code: number): boolean {
  return (error as { code?: unknown })?.code === code || textOf(error).includes(` ${code} (`);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
