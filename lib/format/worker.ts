/** Workers as rows: what their own events tell and what RabbitMQ tells of them, side by side. Pure. */
import type { StreamSecond } from '#lib/contract/stream.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { Worker } from '#lib/model/rabbitmq.ts';
import { celeryWorkerStatus, type Shown, workerStatus } from '#lib/model/status.ts';
import { formatAge } from './quantity.ts';
import { formatDuration } from './task.ts';

/** `broker-only` = RabbitMQ knows it, and no event of it has come; `unheard` = what is known of it is old. */
export const WORKER_STATES = ['online', 'silent', 'offline', 'broker-only', 'unheard'] as const;
export type WorkerState = (typeof WORKER_STATES)[number];

export const WORKER_STATE_WORDS: Readonly<Record<WorkerState, string>> = {
  online: 'online',
  silent: 'silent',
  offline: 'offline',
  'broker-only': 'only seen by RabbitMQ',
  unheard: 'not heard now',
};

/** Times are epoch ms; null = not told, here and below. */
export type WorkerRow = {
  /** Celery's node name. */
  id: string;
  host: string | null;
  state: WorkerState;
  shown: Shown;
  /** Since when it is in this state. */
  since: number | null;
  heartbeatAt: number | null;
  heartbeatEveryMs: number | null;
  /** Task queues that it consumes, by RabbitMQ. */
  queues: readonly string[] | null;
  /** Broker nodes that carry its connections. */
  brokerNodes: readonly string[];
  /** The HAProxies on its host that lead to brokers. */
  proxies: readonly string[];
  active: number | null;
  processed: number | null;
  /** Ended tasks, over the last ten seconds. */
  tasksPerSecond: number | null;
  loadAverage: readonly number[] | null;
  software: string | null;
  /** Positive = its clock is ahead. */
  clockSkewMs: number | null;
  missedTasks: number | null;
  /** Where its two witnesses contradict each other, in a sentence; null = nowhere. */
  contradiction: string | null;
  /** Gone for more than an hour: kept out of the list unless asked for. */
  isArchived: boolean;
};

const ARCHIVE_MS = 3_600_000;
const RATE_MS = 10_000;
/** The newest second of throughput may be so old before it says nothing about now. */
const RATE_STALE_MS = 15_000;

/** Every worker that the model knows, by name. */
export function workerRows(model: Model, throughput: readonly StreamSecond[], now: number): readonly WorkerRow[] {
  const ids = [...new Set([...Object.keys(model.celeryWorkers), ...Object.keys(model.workers)])].sort();
  const seconds = recentSeconds(throughput, now);
  return ids.map((id) => rowOf(id, model, seconds, now));
}

function rowOf(id: string, model: Model, seconds: readonly Second[], now: number): WorkerRow {
  const celery = Object.hasOwn(model.celeryWorkers, id) ? model.celeryWorkers[id] : undefined;
  const seen = Object.hasOwn(model.workers, id) ? model.workers[id] : undefined;
  const host = celery?.host ?? seen?.host ?? null;
  const goneSince = seen?.goneSince ?? null;
  const state = celery?.state ?? (goneSince === null ? 'broker-only' : 'offline');
  const since = celery?.since ?? goneSince;
  const consumes = isConsuming(seen, model, now);
  const judged = judge(id, model, state, consumes, now);
  const isOld = judged.shown.status === 'stale' || judged.shown.status === 'unknown';
  return {
    ...{ id, host, state: isOld && celery !== undefined ? 'unheard' : state, since, ...judged },
    heartbeatAt: celery?.heartbeatAt ?? null,
    heartbeatEveryMs: celery?.heartbeatEveryMs ?? null,
    queues: seen?.queues ?? null,
    brokerNodes: seen?.brokerNodes ?? [],
    proxies: host === null ? [] : brokerProxiesOn(host, model),
    active: celery?.active ?? null,
    processed: celery?.processed ?? null,
    tasksPerSecond: rateOf(id, seconds),
    loadAverage: celery?.loadAverage ?? null,
    software: celery?.software ?? null,
    clockSkewMs: celery?.clockSkewMs ?? null,
    missedTasks: celery?.missedTasks ?? null,
    isArchived: isGone(state) && consumes !== true && since !== null && now - since > ARCHIVE_MS,
  };
}

function isGone(state: WorkerState): boolean {
  return state === 'offline' || state === 'silent';
}

function judge(
  id: string,
  model: Model,
  state: WorkerState,
  consumes: boolean | null,
  now: number,
): Pick<WorkerRow, 'shown' | 'contradiction'> {
  const celery = Object.hasOwn(model.celeryWorkers, id) ? model.celeryWorkers[id] : undefined;
  const seen = Object.hasOwn(model.workers, id) ? model.workers[id] : undefined;
  if (celery === undefined)
    return {
      shown: seen === undefined ? { status: 'unknown', word: 'unknown' } : workerStatus(seen, model, now),
      contradiction: state === 'broker-only' && isListening(model) ? UNHEARD : null,
    };
  const shown = celeryWorkerStatus(celery, model, now);
  if (!isCurrent(model.readings[celery.by], now)) return { shown, contradiction: null };
  if (state === 'online' && consumes === false)
    return {
      shown: { status: 'degraded', word: 'alive, consumes nothing' },
      contradiction: 'Its heartbeats come, but RabbitMQ lists it as a consumer of no task queue: it gets no new tasks.',
    };
  if (isGone(state) && consumes === true)
    return {
      shown,
      contradiction:
        'No heartbeat comes, but RabbitMQ still lists it as a consumer: it may hang with tasks in its hands.',
    };
  return { shown, contradiction: null };
}

const UNHEARD = 'No heartbeat has come: it runs without them, or its events get lost.';

/** Whether heartbeats would be heard. */
function isListening({ ingests }: Model): boolean {
  return Object.values(ingests).some(({ state }) => state === 'consuming');
}

/** Whether RabbitMQ sees it consume task queues now; null = cannot tell. */
function isConsuming(worker: Worker | undefined, model: Model, now: number): boolean | null {
  if (worker === undefined || !isCurrent(model.readings[worker.by], now)) return null;
  if (worker.goneSince !== null) return false;
  return worker.queues === null ? null : worker.queues.length > 0;
}

function brokerProxiesOn(host: string, model: Model): readonly string[] {
  return Object.values(model.proxies)
    .filter((proxy) => proxy.host === host && proxy.backends.some(({ carries }) => carries === 'broker'))
    .map(({ id }) => id)
    .sort();
}

/** A second names fifty workers at most: one that is missing from a full second is not known to have done nothing. */
const NAMED_MAX = 50;

type Second = { workers: Readonly<Record<string, number>>; isFull: boolean };

function recentSeconds(throughput: readonly StreamSecond[], now: number): readonly Second[] {
  const newest = throughput.at(-1);
  if (newest === undefined || now - newest.at > RATE_STALE_MS) return [];
  return throughput
    .filter(({ at }) => at > newest.at - RATE_MS)
    .map(({ workers }) => ({ workers, isFull: Object.keys(workers).length >= NAMED_MAX }));
}

function rateOf(id: string, seconds: readonly Second[]): number | null {
  const told = seconds.flatMap(({ workers, isFull }) => {
    if (Object.hasOwn(workers, id)) return [workers[id] ?? 0];
    return isFull ? [] : [0];
  });
  return told.length === 0 ? null : told.reduce((sum, ended) => sum + ended, 0) / told.length;
}

/** How many workers are in each state. */
export function countStates(rows: readonly Pick<WorkerRow, 'state'>[]): Readonly<Record<WorkerState, number>> {
  const counts = { online: 0, silent: 0, offline: 0, 'broker-only': 0, unheard: 0 };
  for (const { state } of rows) counts[state] += 1;
  return counts;
}

/** `3 online, 1 silent`; states that nobody is in are left out. */
export function describeStates(rows: readonly Pick<WorkerRow, 'state'>[]): string {
  const counts = countStates(rows);
  return WORKER_STATES.filter((state) => counts[state] > 0)
    .map((state) => `${counts[state]} ${WORKER_STATE_WORDS[state]}`)
    .join(', ');
}

/** What narrows the list; an empty list or text narrows nothing. */
export type WorkerFilter = {
  /** Part of a name, host, queue or broker node. */
  q: string;
  state: readonly WorkerState[];
  queue: string;
  host: string;
  /** Also those that are gone for more than an hour. */
  archived: boolean;
};

/** The rows that pass the filter. */
export function filterWorkers(rows: readonly WorkerRow[], filter: WorkerFilter): readonly WorkerRow[] {
  const { state, queue, host, archived } = filter;
  const text = filter.q.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (archived || !row.isArchived) &&
      (state.length === 0 || state.includes(row.state)) &&
      (queue === '' || row.queues?.includes(queue) === true) &&
      (host === '' || row.host === host) &&
      (text === '' ||
        [row.id, row.host ?? '', ...(row.queues ?? []), ...row.brokerNodes].some((one) =>
          one.toLowerCase().includes(text),
        )),
  );
}

/** `in step`, `3.2 s ahead`, `120 ms behind`; null = not told. */
export function describeSkew(skewMs: number | null): string | null {
  if (skewMs === null) return null;
  const size = Math.abs(skewMs);
  if (size < 100) return 'in step';
  const text = size < 1_000 ? `${Math.round(size)} ms` : `${(size / 1_000).toFixed(1)} s`;
  return `${text} ${skewMs > 0 ? 'ahead' : 'behind'}`;
}

/** `It did not answer within 1.0 s; its heartbeat is 3.0 s old.` */
export function describeSilence(
  { heartbeatAt }: Pick<WorkerRow, 'heartbeatAt'>,
  waitedMs: number,
  now: number,
): string {
  const heartbeat =
    heartbeatAt === null ? 'no heartbeat of it has come' : `its heartbeat is ${formatAge(now - heartbeatAt)} old`;
  return `It did not answer within ${formatDuration(waitedMs)}; ${heartbeat}.`;
}
