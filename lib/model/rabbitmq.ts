/** RabbitMQ: broker nodes, queues with their replicas, and the Celery workers seen as its consumers. */
import type { Claim } from './claims.ts';

/** `<vhost>:<name>`. A colon within the vhost is escaped, so that no two pairs have the same id. */
export function scopedId(vhost: string, name: string): string {
  return `${vhost.replace(/[%:]/g, encodeURIComponent)}:${name}`;
}

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
  /** The AMQP connection that Trellis keeps to the node; null = not configured. */
  amqp: AmqpLink | null;
  /** What would be lost if this node went now, in its own words; null = it has not told, or has no such check. */
  critical: { mirrors: readonly string[] | null; quorum: readonly string[] | null } | null;
};

export type AmqpLink = {
  by: string;
  /** Why the node blocks publishers (an alarm); null = it does not. */
  blocked: string | null;
  /** Whether the node tells its events: `off` = the event exchange is not enabled. */
  events: 'on' | 'off' | 'refused' | null;
};

/** Message rates a second; null = the server does not tell. */
export type MessageRates = { publish: number | null; deliver: number | null; ack: number | null };

/** The cluster as a whole; there is one, with id `rabbitmq`. */
export type BrokerCluster = {
  id: string;
  name: string | null;
  rates: MessageRates;
  /** Feature flags that are not enabled, sorted; null = not told. */
  disabledFlags: readonly string[] | null;
  /** `pause_minority`, `autoheal`, `ignore`, …; null = not told (it takes an administrator and RabbitMQ 3.10.13). */
  partitionHandling: string | null;
  by: string;
};

export type Policy = {
  /** `scopedId` of vhost and name. */
  id: string;
  vhost: string;
  name: string;
  pattern: string;
  appliesTo: string;
  priority: number;
  definition: Readonly<Record<string, unknown>>;
  by: string;
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
  /**
   * Copies that there should be. RabbitMQ 3 takes a mirror off the list as soon as its node is gone: only the policy
   * still tells that one is missing.
   */
  wanted: number;
};

export type Queue = {
  /** `scopedId` of vhost and name. */
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
  ready: number | null;
  unacknowledged: number | null;
  /** Messages that a copy being synchronised has got so far; null = none is. */
  syncMessages: number | null;
  rates: MessageRates;
  by: string;
  /** The reading behind the figures. */
  figuresBy: string | null;
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
