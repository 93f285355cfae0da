/** Queues that fare alike, counted once: there may be ten thousand of them and dozens of forecasts. Pure. */
import { queueTitle } from '#lib/format/queue.ts';
import type { Model } from '#lib/model/model.ts';
import { policyOf, taskQueues } from '#lib/model/queues.ts';
import type { Queue, Replication } from '#lib/model/rabbitmq.ts';
import { sumTold } from '#lib/model/sum.ts';

export type QueueGroup = {
  replication: Replication;
  durable: boolean;
  /** A queue of the group, for what all of them share. */
  sample: Queue;
  count: number;
  /** The first few. */
  names: readonly string[];
  /** Messages in all of them, delivered ones included; null = not told of every queue. */
  messages: number | null;
  by: readonly string[];
};

const NAMED = 3;
const known = new WeakMap<Model['queues'], readonly QueueGroup[]>();

/** The task queues, grouped by where their copies are and by what happens to them. */
export function queueGroups(queues: Model['queues']): readonly QueueGroup[] {
  const before = known.get(queues);
  if (before !== undefined) return before;
  const groups = [...Map.groupBy(taskQueues(queues).all, signatureOf).values()].map(groupOf);
  known.set(queues, groups);
  return groups;
}

function signatureOf({ replication, durable, vhost, policy, by, figuresBy }: Queue): string {
  const { kind, leader, members, inSync, wanted } = replication;
  return [kind, leader, members.join(), inSync?.join(), wanted, durable, vhost, policy, by, figuresBy].join('|');
}

function groupOf(alike: readonly Queue[]): QueueGroup {
  const sample = alike[0] as Queue;
  return {
    ...{ replication: sample.replication, durable: sample.durable, sample, count: alike.length },
    names: alike.slice(0, NAMED).map(queueTitle),
    messages: total(alike.map(({ ready, unacknowledged }) => total([ready, unacknowledged]))),
    by: [sample.by, ...(sample.figuresBy === null ? [] : [sample.figuresBy])],
  };
}

/** The sum; null as soon as one of them is not told. */
export function total(counts: readonly (number | null)[]): number | null {
  return counts.includes(null) ? null : sumTold(counts);
}

/** Whether a copy that is not in sync never takes over; RabbitMQ's default is that it does. */
export function keepsOldCopiesBack({ sample }: QueueGroup, policies: Model['policies']): boolean {
  return policyOf(sample, policies)?.definition['ha-promote-on-failure'] === 'when-synced';
}
