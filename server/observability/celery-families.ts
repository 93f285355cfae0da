/** Workers and queues in the names of Flower and celery-exporter. Pure. */
import type { CeleryWorker } from '#lib/model/celery.ts';
import type { Model } from '#lib/model/model.ts';
import { taskQueues, workersOf } from '#lib/model/queues.ts';
import type { Queue } from '#lib/model/rabbitmq.ts';
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
      samples: byName.flatMap(([queue_name, [queue]]) =>
        queue === undefined ? [] : numbers({ queue_name }, workerCount(queue, model, now)),
      ),
    },
    {
      // Heartbeats do not tell how many processes a worker has.
      name: 'celery_active_process_count',
      help: 'The number of active processes in broker queue.',
      ...{ type: 'gauge', samples: [] },
    },
  ];
}

/** By the broker's consumer list; null = it does not answer. */
function workerCount(queue: Queue, model: Model, now: number): number | null {
  const workers = Object.values(model.workers);
  if (!workers.some(({ by }) => isTold(model, by, now))) return null;
  return workersOf(queue, model.workers).filter(({ by, goneSince }) => goneSince === null && isTold(model, by, now))
    .length;
}
