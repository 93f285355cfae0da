/** Events of a busy estate, the same for the same seed: what the bench of the history stores and looks for. */
import type { TaskEventType } from '#lib/model/task.ts';
import type { TaskChange, TaskFields } from '#server/ingest/merge.ts';

/** A task begins so often, on average. */
const TASKS_PER_SECOND = 200;
/** As many events as the intake writes at once. */
export const BATCH_EVENTS = 2_000;
/** Epoch ms of the first task. */
export const FIRST_AT = 1_795_000_000_000;

const AREAS = ['billing', 'mail', 'media', 'reports', 'search', 'sync', 'users', 'webhooks'] as const;
const VERBS = ['charge', 'cleanup', 'export', 'fetch', 'index', 'notify', 'refresh', 'render'] as const;
const WORDS = [
  'invoice',
  'customer',
  'order',
  'shipment',
  'thumbnail',
  'welcome',
  'refund',
  'monthly',
  'draft',
  'eu-west-1',
];
const EXCEPTIONS = ['TimeoutError', 'ValueError', 'ConnectionResetError', 'KeyError', 'SoftTimeLimitExceeded'] as const;
/** More of the first than of the last. */
export const NAMES: readonly string[] = AREAS.flatMap((area) => VERBS.map((verb) => `shop.${area}.${verb}`));
export const WORKERS: readonly string[] = Array.from({ length: 16 }, (_, i) => `celery@host-${(i % 8) + 1}-${i >> 3}`);

type Random = () => number;
type Scheduled = { at: number; change: TaskChange };

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The events of `tasks` tasks as a broker would give them, in batches; about one in twenty late. */
export function* generatedBatches(tasks: number, seed: number): Generator<TaskChange[]> {
  const random = seeded(seed);
  let waiting: Scheduled[] = [];
  let batch: TaskChange[] = [];
  let at = FIRST_AT;
  for (let made = 0; made < tasks; made++) {
    at += -Math.log(1 - random()) * (1_000 / TASKS_PER_SECOND);
    waiting.push(...eventsOf(random, at));
    if (waiting.length < 2 * BATCH_EVENTS) continue;
    waiting.sort((a, b) => a.at - b.at);
    const due = waiting.findIndex((one) => one.at > at);
    for (const { change } of waiting.slice(0, due < 0 ? waiting.length : due)) {
      batch.push(change);
      if (batch.length < BATCH_EVENTS) continue;
      yield batch;
      batch = [];
    }
    waiting = due < 0 ? [] : waiting.slice(due);
  }
  // Those that have not ended by now run on.
  batch.push(...waiting.filter((one) => one.at <= at).map(({ change }) => change));
  if (batch.length > 0) yield batch;
}

function eventsOf(random: Random, sentAt: number): Scheduled[] {
  const id = uuidOf(random);
  const name = NAMES[Math.floor(random() ** 2 * NAMES.length)] ?? '';
  const area = name.split('.')[1] ?? '';
  const worker = WORKERS[Math.floor(random() * WORKERS.length)] ?? '';
  const events: Scheduled[] = [];
  const tell = (type: TaskEventType, at: number, fields: TaskFields, retries: number | null = null) => {
    const by = type === 'sent' ? 'gen4711@web-1' : worker;
    const arrives = at + (random() < 0.05 ? random() * 400 : random() * 3);
    events.push({
      at: arrives,
      change: { id, event: { type, at: Math.round(at * 1_000) / 1_000, by, pid: 4711, note: null, retries }, fields },
    });
  };
  const fields = { name, ...argumentsOf(random), rootId: random() < 0.1 ? uuidOf(random) : id };
  const receivedAt = sentAt + 1 + random() * 4;
  const startedAt = receivedAt + 1 + random() ** 6 * 20_000;
  const runtimeMs = 3 * Math.exp(random() * random() * 9);
  tell('sent', sentAt, { ...fields, queue: area, exchange: '', routingKey: area }, 0);
  tell('received', receivedAt, fields, 0);
  const fate = random();
  if (fate < 0.003) {
    tell('revoked', startedAt, {});
    return events;
  }
  tell('started', startedAt, {});
  if (fate < 0.97) tell('succeeded', startedAt + runtimeMs, { result: resultOf(random), runtimeMs });
  else tell('failed', startedAt + runtimeMs, failureOf(random, name));
  return events;
}

function argumentsOf(random: Random): { args: string; kwargs: string } {
  const word = () => WORDS[Math.floor(random() * WORDS.length)];
  const number = Math.floor(random() * 1e6);
  return {
    args: `(${number}, '${word()}-${Math.floor(random() * 1e5)}@example.com')`,
    kwargs: `{'${word()}_id': ${Math.floor(random() * 1e6)}, 'kind': '${word()}', 'force': ${random() < 0.5 ? 'True' : 'False'}}`,
  };
}

function resultOf(random: Random): string {
  return random() < 0.5
    ? 'None'
    : `{'status': '${WORDS[Math.floor(random() * WORDS.length)]}', 'rows': ${Math.floor(random() * 1e4)}}`;
}

function failureOf(random: Random, name: string): TaskFields {
  const type = EXCEPTIONS[Math.floor(random() * EXCEPTIONS.length)];
  const exception = `${type}('no answer from backend-${Math.floor(random() * 30)} within 30 s')`;
  const frame = `  File "/srv/shop/${name.replaceAll('.', '/')}.py", line ${Math.floor(random() * 400)}, in run\n    self.call()\n`;
  return { exception, traceback: `Traceback (most recent call last):\n${frame.repeat(6)}${exception}` };
}

function uuidOf(random: Random): string {
  const part = (length: number) =>
    Math.floor(random() * 2 ** 16)
      .toString(16)
      .padStart(4, '0')
      .slice(0, length);
  return `${part(4)}${part(4)}-${part(4)}-4${part(3)}-a${part(3)}-${part(4)}${part(4)}${part(4)}`;
}
