/** Workers and queues in the names of Flower and celery-exporter. Pure. */
import type { CeleryWorker } from '#lib/model/celery.ts';
import type { Model } from '#lib/model/model.ts';
import { taskQueues, workersOf } from '#lib/model/queues.ts';
import type { Queue, Worker } from '#lib/model/rabbitmq.ts';
import { sumTold } from '#lib/model/sum.ts';
import type { MetricFamily, MetricSample } from './exposition.ts';
import { numbers, QUEUES_TOLD } from './role-families.ts';
import { hostnameOf } from './task-families.ts';
import { isTold } from './told.ts';

/** A gone worker is told for as long as celery-exporter tells one. */
const GONE_FOR_MS = 600_000;

/** What heartbeats tell of workers, and what the broker tells of queues. */
export function celeryFamilies(model: Model, now: number): MetricFamily[] {
  const workers = Object.values(model.celeryWorkers).filter(
    ({ by, state, since }) => isTold(model, by, now) && (state === 'online' || now - since < GONE_FOR_MS),
  );
  return [...flowerWorkers(workers), ...exporterWorkers(workers), ...exporterQueues(model, now)];
}

function flowerWorkers(workers: readonly CeleryWorker[]): MetricFamily[] {
  return [
    {
      ...{ name: 'flower_worker_online', help: 'Worker online status', type: 'gauge' },
      samples: workers.map(({ id: worker, state }) => ({ labels: { worker }, value: state === 'online' ? 1 : 0 })),
    },
    {
      name: 'flower_worker_number_of_currently_executing_tasks',
      help: 'Number of tasks currently executing at a worker',
      type: 'gauge',
      samples: workers.flatMap(({ id: worker, state, active }) =>
        numbers({ worker }, state === 'online' ? active : null),
      ),
    },
  ];
}

/** Workers of one host are one series there. */
function exporterWorkers(workers: readonly CeleryWorker[]): MetricFamily[] {
  const hosts = [...Map.groupBy(workers, ({ id }) => hostnameOf(id))];
  return [
    {
      ...{ name: 'celery_worker_up', help: 'Indicates if a worker has recently sent a heartbeat.', type: 'gauge' },
      samples: hosts.map(([hostname, group]) => ({
        labels: { hostname },
        value: group.some(({ state }) => state === 'online') ? 1 : 0,
      })),
    },
    {
      name: 'celery_worker_tasks_active',
      help: 'The number of tasks the worker is currently processing',
      type: 'gauge',
      samples: hosts.flatMap(([hostname, group]) =>
        numbers({ hostname }, sumTold(group.map(({ state, active }) => (state === 'online' ? active : null)))),
      ),
    },
  ];
}

/** Without vhosts: queues of one name are one series. */
function exporterQueues(model: Model, now: number): MetricFamily[] {
  const { all, impaired } = taskQueues(model.queues);
  const queues = [...new Set([...impaired, ...all])].slice(0, QUEUES_TOLD);
  const byName = [...Map.groupBy(queues, ({ name }) => name).entries()];
  const figures = (of: (queue: Queue) => number | null): MetricSample[] =>
    byName.flatMap(([queue_name, group]) =>
      numbers({ queue_name }, sumTold(group.map((one) => (isTold(model, one.figuresBy, now) ? of(one) : null)))),
    );
  const consumers = byName.map(([queue_name, [queue]]) => ({
    queue_name,
    workers: queue === undefined ? null : liveWorkers(queue, model, now),
  }));
  const processes = processesOf(model, now);
  return [
    {
      ...{ name: 'celery_queue_length', help: 'The number of message in broker queue.', type: 'gauge' },
      samples: figures(({ ready }) => ready),
    },
    {
      name: 'celery_active_consumer_count',
      help: 'The number of active consumer in broker queue.',
      ...{ type: 'gauge', samples: figures(({ consumers }) => consumers) },
    },
    {
      name: 'celery_active_worker_count',
      help: 'The number of active workers in broker queue.',
      type: 'gauge',
      samples: consumers.flatMap(({ queue_name, workers }) => numbers({ queue_name }, workers?.length ?? null)),
    },
    {
      name: 'celery_active_process_count',
      help: 'The number of active processes in broker queue, as its workers told it within the last hour.',
      type: 'gauge',
      samples: consumers.flatMap(({ queue_name, workers }) =>
        numbers({ queue_name }, workers && processCount(workers, processes)),
      ),
    },
  ];
}

/** Those that consume it, by the broker's consumer list; null = it does not answer. */
function liveWorkers(queue: Queue, model: Model, now: number): Worker[] | null {
  const workers = Object.values(model.workers);
  if (!workers.some(({ by }) => isTold(model, by, now))) return null;
  return workersOf(queue, model.workers).filter(({ by, goneSince }) => goneSince === null && isTold(model, by, now));
}

/** The processes of each worker that runs now and was asked; another process of its name may have more or fewer. */
function processesOf(model: Model, now: number): ReadonlyMap<string, number | null> {
  const told = Object.values(model.celeryWorkers).flatMap(({ id, pid, state, by }) => {
    const config = Object.hasOwn(model.workerConfigs, id) ? model.workerConfigs[id] : undefined;
    if (config === undefined || state !== 'online' || !isTold(model, by, now)) return [];
    const isSame = config.pid === null || pid === null || config.pid === pid;
    return isSame && isTold(model, config.by, now) ? [[id, config.processes] as const] : [];
  });
  return new Map(told);
}

/** Of all these workers together; null = one of them did not tell. */
function processCount(workers: readonly Worker[], processes: ReadonlyMap<string, number | null>): number | null {
  let sum = 0;
  for (const { id } of workers) {
    const own = processes.get(id) ?? null;
    if (own === null) return null;
    sum += own;
  }
  return sum;
}
