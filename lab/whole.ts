/** When is the lab whole? Each check asks the real servers; the supervisor's word counts for nothing here. */

import { beatProblems, consulProblems } from './probes/consul.ts';
import { proxyProblems } from './probes/haproxy.ts';
import type { Problem } from './probes/problem.ts';
import { clusterProblems, consumerProblems, mirrorProblems } from './probes/rabbitmq.ts';
import { replicationProblems, sentinelProblems } from './probes/redis.ts';
import { trafficProblems } from './probes/traffic.ts';
import type { LabContext } from './roles/role.ts';

/** One condition of wholeness. */
export type Check = {
  readonly name: CheckName;
  /** What is reached when it holds, as the progress line says it. */
  readonly title: string;
  /** How long `up` waits for it: long enough for the slowest recovery that still ends well by itself. */
  readonly limitMs: number;
  /** What is missing; empty when it holds. Never throws. */
  readonly problems: (lab: LabContext) => Promise<readonly Problem[]>;
};

/** The conditions' names. */
export type CheckName =
  | 'redis'
  | 'consul'
  | 'rabbitmq'
  | 'sentinels'
  | 'haproxy'
  | 'workers'
  | 'mirrors'
  | 'beat'
  | 'traffic';

/** All conditions, in the order in which they can come true. */
export const CHECKS: readonly Check[] = [
  { name: 'redis', title: 'one Redis master, two replicas online', limitMs: 90_000, problems: replicationProblems },
  { name: 'consul', title: 'Consul has a leader and three peers', limitMs: 90_000, problems: consulProblems },
  { name: 'sentinels', title: 'three Sentinels agree on the master', limitMs: 90_000, problems: sentinelProblems },
  {
    name: 'rabbitmq',
    title: 'RabbitMQ clustered, on every node’s own view',
    limitMs: 180_000,
    problems: clusterProblems,
  },
  {
    name: 'haproxy',
    title: 'every HAProxy serves its own broker and the master',
    limitMs: 60_000,
    problems: proxyProblems,
  },
  { name: 'workers', title: 'three workers consume', limitMs: 90_000, problems: consumerProblems },
  { name: 'mirrors', title: 'all mirrored queues in sync', limitMs: 90_000, problems: mirrorProblems },
  {
    name: 'beat',
    title: 'one beat holds the lock, one stands by',
    limitMs: 120_000,
    problems: (lab) => beatProblems(lab.paths.root),
  },
  {
    name: 'traffic',
    title: 'tasks flow through every worker',
    limitMs: 60_000,
    problems: async (lab) => trafficProblems(lab.paths, Date.now()),
  },
];

/** Everything that is not whole right now; empty when the lab is whole. */
export async function wholeProblems(lab: LabContext): Promise<readonly Problem[]> {
  return (await Promise.all(CHECKS.map((check) => check.problems(lab)))).flat();
}
