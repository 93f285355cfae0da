/** Messages that no Celery should send, made by a seed. Pure but for the bytes. */
import type { Options } from 'amqplib';
import { type CeleryEvent, propertiesOf } from './event-message.ts';
import { between, oneOf, type Random, randomId, seeded } from './event-random.ts';

/** One message that is wrong in some way. */
export type MalformedMessage = {
  /** What is wrong with it. */
  readonly kind: MalformedKind;
  readonly routingKey: string;
  readonly body: Buffer;
  readonly properties: Options.Publish;
  /** How many it holds: one, unless it is an array. */
  readonly events: number;
  /** As many events of it as cannot be taken, whoever reads it; 0 where a reader may well take it. */
  readonly unusable: number;
};

/** Ways to be wrong. */
export const MALFORMED_KINDS = [
  'not JSON',
  'not text',
  'cut off',
  'no object',
  'empty batch',
  'no type',
  'unknown type',
  'no id',
  'id of a wrong type',
  'fields of wrong types',
  'numbers beyond JSON',
  'batch with rubbish',
  'from the future',
  'too long',
  'deep',
  'reply of a worker',
  'other properties',
] as const;
/** One of them. */
export type MalformedKind = (typeof MALFORMED_KINDS)[number];

const GHOST = 'celery@ghost-1';
const TASK_TYPES = [
  'task-sent',
  'task-received',
  'task-started',
  'task-succeeded',
  'task-failed',
  'task-retried',
] as const;
const RUBBISH: readonly unknown[] = [null, true, -1, 1e308, '', 'x', [], {}, [[]], { a: 1 }, '\u0000', '\ud800', 'NaN'];
const ROUTING_KEYS = [
  'task.multi',
  'task.sent',
  'task.received',
  'worker.heartbeat',
  'worker.online',
  '',
  'x',
  '#',
] as const;
/** One of so many is long: each is a megabyte or more. */
const LONG_EVERY = 2_000;
const LONG_CHARACTERS = 1_200_000;
const DEPTH = 5_000;
const SEED_STEP = 104_729;

/** The n-th message of a seed. Times are told as seconds since the epoch. */
export function malformedMessage(seed: number, n: number, atSeconds: number): MalformedMessage {
  const random = seeded(seed + n * SEED_STEP);
  const usual = MALFORMED_KINDS.filter((kind) => kind !== 'too long');
  const kind = n % LONG_EVERY === LONG_EVERY - 1 ? 'too long' : oneOf(random, usual);
  const { body, unusable, events = 1 } = make(kind, random, atSeconds);
  const routingKey = random() < 0.8 ? 'task.multi' : oneOf(random, ROUTING_KEYS);
  const properties = kind === 'other properties' ? oddProperties(random) : propertiesOf(GHOST);
  return { kind, routingKey, body: typeof body === 'string' ? Buffer.from(body) : body, properties, events, unusable };
}

type Made = { body: string | Buffer; unusable: number; events?: number };

function make(kind: MalformedKind, random: Random, at: number): Made {
  const event = eventOf(random, at);
  const text = JSON.stringify(event);
  const bad = (value: unknown): Made => ({ body: JSON.stringify(value), unusable: 1 });
  const fair = (value: unknown): Made => ({ body: JSON.stringify(value), unusable: 0 });
  switch (kind) {
    case 'not JSON':
      return {
        body: oneOf(random, ['', ' ', '{', '}{', "{'type': 'task-sent'}", 'None', '<xml/>', `${text},`]),
        unusable: 1,
      };
    case 'not text':
      return {
        body: Buffer.from(Array.from({ length: between(random, 1, 64) }, () => between(random, 0x80, 0xff))),
        unusable: 1,
      };
    case 'cut off':
      return { body: text.slice(0, between(random, 1, text.length - 1)), unusable: 1 };
    case 'no object':
      return bad(oneOf(random, [null, true, 7, 'task-sent', -0.5]));
    case 'empty batch':
      return { ...fair([]), events: 0 };
    case 'no type':
      return bad({ ...event, type: oneOf(random, [undefined, null, 7, {}, []]) });
    case 'unknown type':
      return bad({
        ...event,
        type: oneOf(random, ['worker-', 'taskless', 'x', '-', 'worker-of-the-month', ' task-sent']),
      });
    case 'no id':
      return bad({ ...event, uuid: oneOf(random, [undefined, null, '']) });
    case 'id of a wrong type':
      return bad({ ...event, uuid: oneOf(random, [7, {}, [], true, ['x']]) });
    case 'fields of wrong types':
      return fair(spoiled(random, event));
    case 'numbers beyond JSON':
      return {
        body: text.replace(`"pid":${event.pid}`, `"pid":${oneOf(random, ['NaN', 'Infinity', '-Infinity'])}`),
        unusable: 0,
      };
    case 'batch with rubbish': {
      const rubbish = [null, 7, 'x', { ...event, uuid: null }];
      const batch = [eventOf(random, at), ...rubbish, eventOf(random, at)];
      return { body: JSON.stringify(batch), unusable: rubbish.length, events: batch.length };
    }
    case 'from the future':
      return fair({ ...event, timestamp: at + between(random, 3_600, 10 * 365 * 86_400) });
    case 'too long':
      return fair({ ...event, args: 'x'.repeat(LONG_CHARACTERS), traceback: 'y'.repeat(LONG_CHARACTERS) });
    case 'deep':
      return { body: `{"type":"task-sent","uuid":${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}}`, unusable: 1 };
    case 'reply of a worker':
      return bad(
        oneOf(random, [{ [GHOST]: { ok: 'pong' } }, { [GHOST]: { error: "KeyError('x')" } }, { [GHOST]: null }]),
      );
    case 'other properties':
      return fair(event);
  }
}

/** A good event of a task that never was. */
function eventOf(random: Random, at: number): CeleryEvent {
  const type = oneOf(random, TASK_TYPES);
  const told = { name: 'bench.ghost', args: '()', kwargs: '{}', retries: 0, result: "'x'", runtime: 0.1 };
  const common = { hostname: GHOST, utcoffset: 0, pid: between(random, 1, 9_999), clock: between(random, 1, 9_999) };
  return { ...common, uuid: randomId(random), ...told, timestamp: at, type };
}

/** Some fields hold what does not belong there; type and id stay. */
function spoiled(random: Random, event: CeleryEvent): object {
  const names = Object.keys(event).filter((name) => name !== 'type' && name !== 'uuid');
  const wrong = names.filter(() => random() < 0.4).map((name) => [name, oneOf(random, RUBBISH)] as const);
  return { ...event, ...Object.fromEntries(wrong) };
}

function oddProperties(random: Random): Options.Publish {
  return oneOf<Options.Publish>(random, [
    {},
    { contentType: 'application/x-python-serialize', contentEncoding: 'binary' },
    { contentType: 'text/plain', contentEncoding: 'utf-16' },
    { ...propertiesOf(GHOST), headers: { hostname: 7, 'x-nested': { deep: [1, { deeper: true }] } } },
    { ...propertiesOf(GHOST), contentEncoding: 'gzip' },
  ]);
}
