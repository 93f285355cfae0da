/** For tests: Flower's dialect over the recorded events and replies of two workers, with a real store, audit and tokens. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CeleryWorker } from '#lib/model/celery.ts';
import { emptyModel, type Model } from '#lib/model/model.ts';
import type { Queue } from '#lib/model/rabbitmq.ts';
import { type Reading, readingKey } from '#lib/model/reading.ts';
import type { CeleryControl } from '#server/actions/celery-control.ts';
import { sqliteAudit } from '#server/audit/sqlite/store.ts';
import { openTokens, type TokenWish } from '#server/auth/tokens.ts';
import { parseEvents } from '#server/celery/events.ts';
import type { TaskCall } from '#server/celery/messages.ts';
import { parsePidboxReply } from '#server/celery/pidbox.ts';
import { createInspections } from '#server/commands/inspections.ts';
import { openTaskReader } from '#server/history/tasks/sqlite/reader.ts';
import { openTaskWriter } from '#server/history/tasks/sqlite/writer.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { answerFlower } from './answer.ts';
import type { FlowerContext, FlowerHands } from './context.ts';

/** When the events were recorded (epoch ms). */
export const RECORDED_AT = 1_795_288_300_000;
/** A task that was recorded from its publication to its end, and one that failed. */
export const ADDED = '27963fad-602e-493d-9bc7-17ca521cf908';

const CELERY = '../celery/fixtures';
const text = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');

/** A recorded answer of Flower 2.1.0. */
export function recordedFlower(name: string): unknown {
  return JSON.parse(text(`fixtures/flower-2.1.0/${name}.json`));
}

/** A command that reached the workers, as Trellis sends it. */
export type Sent = { method: string; workers: readonly string[] | null; arguments: Readonly<Record<string, unknown>> };

/** The dialect over what was recorded; `end` removes its files. */
export function recordedEstate(changes: Partial<FlowerContext> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'trellis-flower-'));
  const path = join(dir, 'tasks.db');
  const writer = openTaskWriter(path);
  const lines = text(`${CELERY}/celery-5.6.3-events.jsonl`).trim().split('\n');
  const bytes = new TextEncoder();
  const events = lines.flatMap(
    (line) => parseEvents(bytes.encode(JSON.stringify(JSON.parse(line).body)), RECORDED_AT).tasks,
  );
  writer.write(events, []);
  writer.close();
  const tasks = openTaskReader(path);
  const clock = () => RECORDED_AT;
  const audit = sqliteAudit(join(dir, 'audit.db'), clock);
  const tokens = openTokens(join(dir, 'tokens.json'), clock);
  const sent: Sent[] = [];
  const published: (TaskCall & { queue: string })[] = [];
  const replies = new Map<string, unknown>();
  const control = recordedControl(sent, replies);
  const hands: FlowerHands = {
    ...{ control, results: null, origin: 'gen1@trellis' },
    inspections: createInspections({ control, model: twoWorkers, clock: manualClock(RECORDED_AT) }),
    publisher: {
      publish: async (call, queue) => void published.push({ ...call, queue }),
      close: () => undefined,
    },
  };
  const context: FlowerContext = {
    ...{ tasks, audit, tokens, clock, allowedHosts: [], locks: { readOnly: false, disabled: [] } },
    ...{ watch: { model: twoWorkers() }, ingest: null, hands, flower: { writes: true } },
    bodyLimits: { bytes: 65_536, timeMs: 50 },
    ...changes,
  };
  const token = (wish: Partial<TokenWish> = {}) =>
    tokens.create({ name: `t${tokens.list().length}`, role: 'admin', scopes: ['flower'], days: 1, by: 'ann', ...wish })
      .token;
  const ask = (path: string, init: RequestInit = {}) => {
    const headers = { host: '127.0.0.1:3000', ...init.headers };
    return answerFlower(context, new Request(`http://127.0.0.1:3000/flower${path}`, { ...init, headers }));
  };
  const post = (path: string, init: RequestInit = {}) =>
    ask(path, { method: 'POST', ...init, headers: { authorization: `Bearer ${token()}`, ...init.headers } });
  return {
    ...{ context, hands, sent, published, replies, token, ask, post },
    /** The audit, oldest first. */
    entries: async () => [...(await audit.page({ limit: 100 })).entries].reverse(),
    async end() {
      await Promise.all([audit.close(), tasks.close()]);
      rmSync(dir, { recursive: true });
    },
  };
}

/** Workers that answer as they were recorded, and to commands with `ok` unless `replies` has another reply of the method. */
function recordedControl(sent: Sent[], replies: ReadonlyMap<string, unknown>): CeleryControl {
  const recorded = JSON.parse(text(`${CELERY}/celery-5.6.3-pidbox-replies.json`)) as Record<
    string,
    { headers: Record<string, unknown>; body: object }[]
  >;
  const unused = async () => Promise.reject(new Error('not used by Flower’s dialect'));
  return {
    async inspect(method, { workers }) {
      const answers = (recorded[method] ?? []).map(({ headers, body }) =>
        parsePidboxReply(JSON.stringify(body), headers),
      );
      const all = answers.flatMap((answer) => Object.entries(answer.replies));
      return Object.fromEntries(all.filter(([node]) => workers === null || workers.includes(node)));
    },
    async send(method, { workers, arguments: args }) {
      sent.push({ method, workers, arguments: args });
      const reply = replies.get(method);
      if (reply instanceof Error) throw reply;
      if (reply === null) return {};
      return Object.fromEntries((workers ?? []).map((one) => [one, reply ?? { ok: `${method} ok` }]));
    },
    ...{ command: unused, revoke: unused, close: async () => undefined },
  };
}

const HEARTBEATS = readingKey('celery', 'trellis.events', 'heartbeats');
const QUEUES = readingKey('rabbitmq', 'cluster', 'queues');

/** The model of the two recorded workers and their queue. */
export function twoWorkers(): Model {
  const workers = ['w1@h1', 'w2@h1'].map(
    (id, i): CeleryWorker => ({
      ...{ id, host: null, heartbeatAt: RECORDED_AT - 500, heartbeatEveryMs: 2_000, state: 'online', since: 1 },
      ...{ pid: 26_550 + i, active: 0, processed: 364, loadAverage: [0.84, 1.32, 1.7], software: 'py-celery 5.6.3' },
      ...{ system: 'Linux', clockSkewMs: 0, sendsTaskEvents: true, missedTasks: 0, by: HEARTBEATS },
    }),
  );
  const queue: Queue = {
    ...{ id: '/:celery', vhost: '/', name: 'celery', type: 'classic', state: 'running', durable: true },
    ...{ exclusive: false, policy: null, plumbing: false, consumers: 2, ready: 3, unacknowledged: 1 },
    replication: { kind: 'none', leader: 'rabbit@host-1', members: ['rabbit@host-1'], inSync: null, wanted: 1 },
    ...{ syncMessages: null, rates: { publish: 0, deliver: 0, ack: 0 }, by: QUEUES, figuresBy: QUEUES },
  };
  const events: Queue = { ...queue, id: '/:celeryev.x', name: 'celeryev.x', plumbing: true };
  return {
    ...emptyModel(),
    readings: Object.fromEntries([HEARTBEATS, QUEUES].map((key) => [key, readingOf(key)])),
    celeryWorkers: Object.fromEntries(workers.map((one) => [one.id, one])),
    queues: { [queue.id]: queue, [events.id]: events },
  };
}

function readingOf(key: string): Reading {
  const [source, endpoint = '', name = ''] = key.split('/');
  const said = { intervalMs: 1_000, at: RECORDED_AT - 1, tookMs: 1, via: null, lacks: null, failure: null };
  return { key, source: source as Reading['source'], endpoint, name, ...said };
}
