/** RabbitMQ: broker nodes, queues with their replicas, and the Celery workers seen as its consumers. */
import type { Claim } from './claims.ts';

export type BrokerNode = {
  /** RabbitMQ's own name, `rabbit-1@host-1`. */
  id: string;
  host: string | null;
  /** `address:port` of AMQP, where configured. */
  address: string | null;
  /** The readings taken from this node itself; empty when the node is known only through its peers. */
  own: readonly string[];
  /** One claim for each node's own management API. */
  running: readonly Claim<boolean>[];
  /** One claim for each node's list of peers that it was cut off from, sorted and joined by a comma ("" = none). */
  partitions: readonly Claim<string>[];
  beingDrained: boolean | null;
  memoryAlarm: boolean | null;
  diskAlarm: boolean | null;
  memoryUsedBytes: number | null;
  memoryLimitBytes: number | null;
  version: string | null;
  /** The reading behind the resource figures. */
  resourcesBy: string | null;
};

export const REPLICATION_KINDS = ['none', 'mirrors', 'quorum', 'stream'] as const;
export type ReplicationKind = (typeof REPLICATION_KINDS)[number];

/** One shape for classic mirrors, quorum members and stream members. Names are broker node ids. */
export type Replication = {
  kind: ReplicationKind;
  leader: string | null;
  /** All copies, the leader included. */
  members: readonly string[];
  /** Copies that could take over without loss, the leader included; null = the server cannot tell. */
  inSync: readonly string[] | null;
};

export type Queue = {
  /** `<vhost>:<name>`. */
  id: string;
  vhost: string;
  name: string;
  type: string;
  /** RabbitMQ's word: running, syncing, down, minority, …; null where it does not say. */
  state: string | null;
  durable: boolean;
  exclusive: boolean;
  replication: Replication;
  policy: string | null;
  /** Celery's own plumbing (remote control, events), not a queue of tasks. */
  plumbing: boolean;
  consumers: number | null;
  by: string;
};

export type Worker = {
  /** Celery's node name, `celery@host-1`. */
  id: string;
  host: string | null;
  /** Task queues that this worker consumes, sorted; null = not seen in the consumer list yet. */
  queues: readonly string[] | null;
  /** Broker nodes that carry its connections, sorted. */
  brokerNodes: readonly string[];
  by: string;
  /** Set once it has left every consumer list (epoch ms); it stays listed so that its place on the rack stays. */
  goneSince: number | null;
};
