/** What follows from a queue together with the rest of the model. Pure. */
import type { Model } from './model.ts';
import { type MessageRates, type Policy, type Queue, type Replication, scopedId, type Worker } from './rabbitmq.ts';
import { brokerNodeStatus } from './status.ts';
import { sumTold } from './sum.ts';

/** Where Trellis keeps events for itself, unless the configuration names another. */
export const EVENT_QUEUE = 'trellis.events';

/** Trellis's own queues begin with this. */
export const OWN_QUEUE_PREFIX = 'trellis.';

/** True for a queue that Trellis itself declared: it shows among the queues, and is none of the users'. */
export function isOwnQueue({ name }: Pick<Queue, 'name'>): boolean {
  return name.startsWith(OWN_QUEUE_PREFIX);
}

/** True for queues of tasks: neither Celery's own plumbing, nor the private queue of one connection, nor Trellis's own. */
export function isTaskQueue(queue: Pick<Queue, 'name' | 'plumbing' | 'exclusive'>): boolean {
  return !queue.plumbing && !queue.exclusive && !isOwnQueue(queue);
}

/** Members whose copy could not take over without loss; null = the server cannot tell. */
export function missingCopies({ members, inSync }: Pick<Replication, 'members' | 'inSync'>): readonly string[] | null {
  return inSync === null ? null : members.filter((member) => !inSync.includes(member));
}

/** How many copies could not take over, those that are not even there included; null = the server cannot tell. */
export function missingCount({ inSync, wanted }: Pick<Replication, 'inSync' | 'wanted'>): number | null {
  return inSync === null ? null : Math.max(0, wanted - inSync.length);
}

/** The policy that wins for a queue; RabbitMQ names it. null = none does, or its definition is not told. */
export function policyOf(queue: Pick<Queue, 'vhost' | 'policy'>, policies: Model['policies']): Policy | null {
  return queue.policy === null ? null : (policies[scopedId(queue.vhost, queue.policy)] ?? null);
}

/** Workers that consume from a queue, by id. A worker's list has names without vhost: namesakes count as one. */
export function workersOf(queue: Pick<Queue, 'name'>, workers: Model['workers']): Worker[] {
  return Object.values(workers)
    .filter((worker) => worker.queues?.includes(queue.name) === true)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** All task queues at a glance. */
export type TaskQueues = {
  /** In the order of their ids. */
  all: readonly Queue[];
  /** Without a leader or with copies missing; the most missing first. */
  impaired: readonly Queue[];
  /** How many each broker node leads. */
  ledBy: ReadonlyMap<string, number>;
  /** How many copies on each broker node are not in sync. */
  behindOn: ReadonlyMap<string, number>;
  /** Messages that wait in all of them. */
  waiting: number;
  /** What goes through all of them a second; null where none tells. Celery's own messages are not among it. */
  rates: MessageRates;
  /** The readings behind rates and messages. */
  figuresBy: readonly string[];
};

const glances = new WeakMap<Model['queues'], TaskQueues>();

/** Counted once for each state of the queues: there may be ten thousand, and pages ask several times a second. */
export function taskQueues(queues: Model['queues']): TaskQueues {
  const known = glances.get(queues);
  if (known !== undefined) return known;
  const all = Object.values(queues)
    .filter(isTaskQueue)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const ledBy = new Map<string, number>();
  const behindOn = new Map<string, number>();
  const impaired: { queue: Queue; missing: number }[] = [];
  let waiting = 0;
  for (const queue of all) {
    const { leader } = queue.replication;
    const behind = missingCopies(queue.replication) ?? [];
    const missing = missingCount(queue.replication) ?? 0;
    if (leader !== null) ledBy.set(leader, (ledBy.get(leader) ?? 0) + 1);
    for (const node of behind) behindOn.set(node, (behindOn.get(node) ?? 0) + 1);
    if (leader === null || missing > 0) impaired.push({ queue, missing });
    waiting += queue.ready ?? 0;
  }
  impaired.sort((a, b) => b.missing - a.missing);
  const sumOf = (rate: keyof MessageRates) => sumTold(all.map(({ rates }) => rates[rate]));
  const glance = {
    ...{ all, impaired: impaired.map(({ queue }) => queue), ledBy, behindOn, waiting },
    rates: { publish: sumOf('publish'), deliver: sumOf('deliver'), ack: sumOf('ack') },
    figuresBy: [...new Set(all.flatMap(({ figuresBy }) => figuresBy ?? []))],
  };
  glances.set(queues, glance);
  return glance;
}

/** What is known of one copy of a queue. */
export type CopyState = 'in-sync' | 'behind' | 'untold' | 'node-down' | 'node-silent';

/** State of the copy on one member. The node comes first: the list of copies lags behind a node's death. */
export function copyState(
  { inSync }: Pick<Replication, 'inSync'>,
  member: string,
  model: Model,
  now: number,
): CopyState {
  const node = model.brokerNodes[member];
  const status = node === undefined ? 'unknown' : brokerNodeStatus(node, model, now).status;
  if (status === 'down') return 'node-down';
  if (status === 'stale' || status === 'unknown') return 'node-silent';
  if (inSync === null) return 'untold';
  return inSync.includes(member) ? 'in-sync' : 'behind';
}
