/**
 * Tasks that never were: the events that Celery would have sent of them, in the disorder in which events arrive. The seed
 * decides everything but the times. Pure.
 */
import type { TaskState } from '#lib/model/task.ts';
import { type CeleryEvent, type EventMessage, messageOf } from './event-message.ts';
import { between, oneOf, type Random, randomId, seeded, shuffled } from './event-random.ts';

/** A task and what its history must say in the end. */
export type Story = { readonly id: string; readonly state: TaskState; readonly retries: number };

/** Tasks, and the messages that tell of them. */
export type StoryBatch = {
  readonly tasks: readonly Story[];
  readonly messages: readonly EventMessage[];
  /** Repetitions included. */
  readonly events: number;
};

const WORKERS = ['celery@bench-1', 'celery@bench-2', 'celery@bench-3'] as const;
const PUBLISHER = 'gen4242@bench';
const NAMES = ['bench.orders.charge', 'bench.orders.ship', 'bench.mail.send', 'bench.reports.build'] as const;
/** Celery's own limit of a batch; most carry one event alone. */
const BATCH_MOST = 24;
const ALONE_SHARE = 0.7;
const REPEATED_SHARE = 0.01;
/** Apart enough that seeds of neighbouring batches have nothing in common. */
const SEED_STEP = 7919;

/** The share of each way in which a task ends, and how often it is tried again before. */
const ENDS = [
  { state: 'SUCCESS', share: 0.85, mostRetries: 0 },
  { state: 'FAILURE', share: 0.07, mostRetries: 0 },
  { state: 'SUCCESS', share: 0.05, mostRetries: 3 },
  { state: 'FAILURE', share: 0.02, mostRetries: 2 },
  { state: 'REVOKED', share: 0.01, mostRetries: 0 },
] as const;

/** The `number`-th batch of a seed; its tasks are published from `atMs` (epoch) on. */
export function storyBatch(seed: number, number: number, count: number, atMs: number): StoryBatch {
  const random = seeded(seed + number * SEED_STEP);
  const told = Array.from({ length: count }, (_, n) => tell(random, number * count + n, atMs / 1000 + n / 10_000));
  const sent = told.flatMap(({ events }) => events.filter(({ type }) => type === 'task-sent')).map(messageOf);
  const worked = WORKERS.flatMap((worker) =>
    batched(
      random,
      shuffled(
        random,
        told.flatMap(({ events }) => events.filter((event) => event.hostname === worker)),
      ),
    ),
  );
  const once = [...sent, ...worked];
  const again = once.filter(() => random() < REPEATED_SHARE);
  const messages = shuffled(random, [...once, ...again]);
  const events = messages.reduce((sum, { body }) => sum + [JSON.parse(body)].flat().length, 0);
  return { tasks: told.map(({ task }) => task), messages, events };
}

/** One task from its publication to its end. */
function tell(random: Random, number: number, atSeconds: number): { task: Story; events: CeleryEvent[] } {
  const id = randomId(random, number);
  const name = oneOf(random, NAMES);
  const worker = oneOf(random, WORKERS);
  const { state, mostRetries } = endOf(random());
  const retries = mostRetries === 0 ? 0 : between(random, 1, mostRetries);
  const args = { name, args: `(${between(random, 1, 99_999)}, 'customer-${between(random, 1, 999)}')`, kwargs: '{}' };
  const events: CeleryEvent[] = [];
  let clock = 1;
  let at = atSeconds;
  const add = (type: string, hostname: string, afterMs: number, fields: object) => {
    at += afterMs / 1000;
    clock += 1;
    const pid = hostname === PUBLISHER ? 4242 : 100 + WORKERS.indexOf(worker);
    events.push({ hostname, utcoffset: 0, pid, clock, uuid: id, ...fields, timestamp: at, type });
  };
  const callOf = (retry: number) => ({
    ...args,
    root_id: id,
    parent_id: null,
    retries: retry,
    eta: null,
    expires: null,
  });
  const send = (retry: number) => {
    add('task-sent', PUBLISHER, 1, { ...callOf(retry), queue: 'celery', exchange: '', routing_key: 'celery' });
  };
  send(0);
  for (let retry = 0; retry <= retries; retry += 1) {
    add('task-received', worker, between(random, 1, 20), callOf(retry));
    if (state === 'REVOKED') break;
    add('task-started', worker, between(random, 1, 20), {});
    if (retry === retries) break;
    // As Celery does: a task is sent again before it is said to be retried.
    send(retry + 1);
    add('task-retried', worker, between(random, 1, 50), trouble(retry));
  }
  const runtimeMs = between(random, 1, 200);
  if (state === 'SUCCESS') add('task-succeeded', worker, runtimeMs, { result: `'${id}'`, runtime: runtimeMs / 1000 });
  if (state === 'FAILURE') add('task-failed', worker, runtimeMs, trouble(retries));
  if (state === 'REVOKED') add('task-revoked', worker, 5, { terminated: false, signum: null, expired: true });
  return { task: { id, state, retries }, events };
}

function trouble(attempt: number): object {
  const exception = `ConnectionError('attempt ${attempt + 1} was refused')`;
  return { exception, traceback: `Traceback (most recent call last):\n  File "bench.py", line 7\n${exception}\n` };
}

function endOf(chance: number): (typeof ENDS)[number] {
  let sum = 0;
  return (
    ENDS.find(({ share }) => {
      sum += share;
      return chance < sum;
    }) ?? ENDS[0]
  );
}

/** A worker buffers its task events: arrays, mostly of one. */
function batched(random: Random, events: readonly CeleryEvent[]): EventMessage[] {
  const messages: EventMessage[] = [];
  for (let at = 0; at < events.length; ) {
    const size = random() < ALONE_SHARE ? 1 : between(random, 2, BATCH_MOST);
    messages.push(messageOf(events.slice(at, at + size)));
    at += size;
  }
  return messages;
}
