/** Who leads, who holds, what waits: the parts of the estate that no other exporter tells. Pure. */
import { settle } from '#lib/model/claims.ts';
import type { Model } from '#lib/model/model.ts';
import { taskQueues } from '#lib/model/queues.ts';
import type { Queue } from '#lib/model/rabbitmq.ts';
import type { MetricFamily, MetricSample } from './exposition.ts';
import { isTold } from './told.ts';

/** Task queues that are told one by one; those with copies missing come first. */
export const QUEUES_TOLD = 1_000;

/** Messages, leader and redundancy of task queues. */
export function queueFamilies(model: Model, now: number): MetricFamily[] {
  const { all, impaired } = taskQueues(model.queues);
  const queues = [...new Set([...impaired, ...all])].slice(0, QUEUES_TOLD);
  const structure = queues.filter(({ by }) => isTold(model, by, now));
  const figures = queues.filter(({ figuresBy }) => isTold(model, figuresBy, now));
  return [
    {
      ...{ name: 'trellis_queue_messages', help: 'Messages in a task queue, by state.', type: 'gauge' },
      samples: figures.flatMap((queue) => [
        ...numbers({ ...labelsOf(queue), state: 'ready' }, queue.ready),
        ...numbers({ ...labelsOf(queue), state: 'unacknowledged' }, queue.unacknowledged),
      ]),
    },
    {
      ...{ name: 'trellis_queue_leader_info', help: 'The broker node that leads a task queue.', type: 'gauge' },
      samples: structure.flatMap((queue) => {
        const { leader } = queue.replication;
        return leader === null ? [] : [{ labels: { ...labelsOf(queue), node: leader }, value: 1 }];
      }),
    },
    {
      name: 'trellis_queue_redundancy',
      help: 'Copies of a task queue, the leader not counted, that could take over without loss.',
      ...{ type: 'gauge', samples: structure.flatMap((queue) => numbers(labelsOf(queue), redundancyOf(queue))) },
    },
    {
      ...{ name: 'trellis_queues_left_out', help: 'Task queues that are too many to be told.', type: 'gauge' },
      samples: all.length === 0 ? [] : [{ labels: {}, value: all.length - queues.length }],
    },
  ];
}

function redundancyOf({ replication: { leader, inSync } }: Queue): number | null {
  return inSync === null ? null : inSync.filter((member) => member !== leader).length;
}

function labelsOf({ vhost, name }: Queue): { vhost: string; queue: string } {
  return { vhost, queue: name };
}

/** A sample, or none where the value is not told. */
export function numbers(labels: MetricSample['labels'], value: number | null): MetricSample[] {
  return value === null ? [] : [{ labels, value }];
}

/** The master that the Sentinels agree on. */
export function redisFamilies(model: Model, now: number): MetricFamily[] {
  const samples = Object.values(model.redisServices).flatMap(({ id: service, master }): MetricSample[] => {
    const { value: address } = settle(master, model.readings, now);
    return address === null ? [] : [{ labels: { service, address }, value: 1 }];
  });
  const help = 'The Redis master that most Sentinels name.';
  return [{ name: 'trellis_redis_master_info', help, type: 'gauge', samples }];
}

/** Who holds each lock, and how many would take over. */
export function lockFamilies(model: Model, now: number): MetricFamily[] {
  const locks = Object.values(model.locks).filter(({ by }) => isTold(model, by, now));
  return [
    {
      ...{ name: 'trellis_lock_holder_info', help: 'Who holds a lock.', type: 'gauge' },
      samples: locks.flatMap(({ id: lock, holder }) =>
        holder === null ? [] : [{ labels: { lock, holder: holder.host ?? holder.node }, value: 1 }],
      ),
    },
    {
      ...{ name: 'trellis_lock_standbys', help: 'How many wait for a lock.', type: 'gauge' },
      samples: locks.map(({ id: lock, standbys }) => ({ labels: { lock }, value: standbys.length })),
    },
  ];
}
