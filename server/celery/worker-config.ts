/** A worker's own account of its set-up: its replies to `conf` (with defaults) and `stats`, read. Total. Pure. */
import type { WorkerConfig } from '#lib/model/worker-config.ts';
import { amountOf, countOf, objectOf, textOf } from './values.ts';

type Fields = Readonly<Record<string, unknown>>;

const TEXT_LIMIT = 255;
const SECOND_MS = 1_000;
/** kombu's own, where the application sets none. */
const REDIS_VISIBILITY_MS = 3_600_000;

/** The set-up of a worker that was asked at `askedAt` (epoch ms). What a reply does not tell is null. */
export function workerConfigOf(
  { id, software, askedAt }: { id: string; software: string | null; askedAt: number },
  conf: unknown,
  stats: unknown,
): Omit<WorkerConfig, 'by'> {
  const settings = objectOf(conf) ?? {};
  const state = objectOf(stats) ?? {};
  const broker = objectOf(state.broker) ?? {};
  const transport = textOf(broker.transport, TEXT_LIMIT);
  return {
    ...{ id, pid: countOf(state.pid), askedAt },
    acksLate: flagOf(settings, 'task_acks_late'),
    rejectOnWorkerLost: flagOf(settings, 'task_reject_on_worker_lost'),
    prefetchMultiplier: countOf(settings.worker_prefetch_multiplier),
    prefetchCount: countOf(state.prefetch_count),
    concurrency: countOf(objectOf(state.pool)?.['max-concurrency']),
    processes: processesOf(state),
    brokerHeartbeatMs: heartbeatOf(broker, settings),
    brokerConnectionRetry: flagOf(settings, 'broker_connection_retry'),
    brokerConnectionRetryOnStartup: flagOf(settings, 'broker_connection_retry_on_startup'),
    taskTrackStarted: flagOf(settings, 'task_track_started'),
    taskEvents: flagOf(settings, 'worker_send_task_events'),
    sentEvents: flagOf(settings, 'task_send_sent_event'),
    taskTimeLimitMs: durationOf(settings.task_time_limit),
    visibilityTimeoutMs: transport === 'redis' ? visibilityOf(broker, settings) : null,
    resultExpiresMs: durationOf(settings.result_expires),
    celeryVersion: /^py-celery (\d[\w.+-]*)/.exec(software ?? '')?.[1] ?? null,
    ...{ brokerTransport: transport, brokerHost: textOf(broker.hostname, TEXT_LIMIT) },
    detectsQuorumQueues: flagOf(settings, 'worker_detect_quorum_queues'),
    exclusiveControlQueue: flagOf(settings, 'control_queue_exclusive'),
  };
}

/** A setting that is there and empty is off. */
function flagOf(settings: Fields, name: string): boolean | null {
  if (!Object.hasOwn(settings, name)) return null;
  const value = settings[name];
  return typeof value === 'boolean' ? value : value === null ? false : null;
}

function processesOf({ pool, autoscaler }: Fields): number | null {
  const processes = objectOf(pool)?.processes;
  return Array.isArray(processes) && autoscaler === undefined ? processes.length : null;
}

/** The connection's own word first: it is what was agreed with the broker. */
function heartbeatOf(broker: Fields, settings: Fields): number | null {
  for (const [fields, name] of [[broker, 'heartbeat'] as const, [settings, 'broker_heartbeat'] as const]) {
    if (!Object.hasOwn(fields, name)) continue;
    const value = fields[name] === null ? 0 : amountOf(fields[name]);
    if (value !== null) return value * SECOND_MS;
  }
  return null;
}

function visibilityOf(broker: Fields, settings: Fields): number | null {
  for (const options of [broker.transport_options, settings.broker_transport_options]) {
    const seconds = amountOf(objectOf(options)?.visibility_timeout);
    if (seconds !== null) return seconds * SECOND_MS;
  }
  return REDIS_VISIBILITY_MS;
}

const PRINTED = /^(?:(\d{1,7}) days?, )?(\d{1,2}):(\d\d):(\d\d)(?:\.\d+)?$/;

/** Seconds, or a timedelta as Python prints it: `1 day, 0:00:00`. */
function durationOf(value: unknown): number | null {
  const seconds = amountOf(value);
  if (seconds !== null) return seconds * SECOND_MS;
  const parts = typeof value === 'string' ? PRINTED.exec(value) : null;
  if (parts === null) return null;
  const [days = 0, hours = 0, minutes = 0, rest = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + rest) * SECOND_MS;
}
