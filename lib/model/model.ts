/** The model: the estate now, as entities by kind and id. Plain data; an entity that did not change keeps its identity. */
import type { CeleryWorker, Ingest } from './celery.ts';
import type { Beat, ConsulCheck, ConsulKey, ConsulServer, Coordinator, Lock } from './consul.ts';
import type { Endpoint } from './endpoint.ts';
import type { Finding } from './finding.ts';
import type { Forecast } from './forecast.ts';
import type { Proxy } from './haproxy.ts';
import type { BrokerCluster, BrokerNode, Policy, Queue, Worker } from './rabbitmq.ts';
import type { Reading } from './reading.ts';
import type { RedisNode, RedisService, Sentinel } from './redis.ts';
import type { WorkerConfig } from './worker-config.ts';

export type Host = { id: string; address: string };

/** The kinds of entity, and the type of each. */
export type Kinds = {
  hosts: Host;
  readings: Reading;
  endpoints: Endpoint;
  brokerClusters: BrokerCluster;
  brokerNodes: BrokerNode;
  policies: Policy;
  queues: Queue;
  workers: Worker;
  redisServices: RedisService;
  redisNodes: RedisNode;
  sentinels: Sentinel;
  proxies: Proxy;
  coordinators: Coordinator;
  consulServers: ConsulServer;
  consulChecks: ConsulCheck;
  consulKeys: ConsulKey;
  locks: Lock;
  beats: Beat;
  celeryWorkers: CeleryWorker;
  workerConfigs: WorkerConfig;
  ingests: Ingest;
  /** Judged from the rest, never folded: `server/model/judge.ts`. */
  findings: Finding;
  forecasts: Forecast;
};
export type Kind = keyof Kinds;

export const KINDS = [
  'hosts',
  'readings',
  'endpoints',
  'brokerClusters',
  'brokerNodes',
  'policies',
  'queues',
  'workers',
  'redisServices',
  'redisNodes',
  'sentinels',
  'proxies',
  'coordinators',
  'consulServers',
  'consulChecks',
  'consulKeys',
  'locks',
  'beats',
  'celeryWorkers',
  'workerConfigs',
  'ingests',
  'findings',
  'forecasts',
] as const satisfies readonly Kind[];

export type Entities<K extends Kind> = Readonly<Record<string, Kinds[K]>>;
export type Model = { readonly [K in Kind]: Entities<K> };

/** A model in which nothing is known yet. */
export function emptyModel(): Model {
  return Object.fromEntries(KINDS.map((kind) => [kind, {}])) as unknown as Model;
}
