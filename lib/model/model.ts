/** The model: the estate now, as entities by kind and id. Plain data; an entity that did not change keeps its identity. */
import type { Beat, ConsulServer, Coordinator, Lock } from './consul.ts';
import type { Proxy } from './haproxy.ts';
import type { BrokerNode, Queue, Worker } from './rabbitmq.ts';
import type { Reading } from './reading.ts';
import type { RedisNode, RedisService, Sentinel } from './redis.ts';

export type Host = { id: string; address: string };

/** The kinds of entity, and the type of each. */
export type Kinds = {
  hosts: Host;
  readings: Reading;
  brokerNodes: BrokerNode;
  queues: Queue;
  workers: Worker;
  redisServices: RedisService;
  redisNodes: RedisNode;
  sentinels: Sentinel;
  proxies: Proxy;
  coordinators: Coordinator;
  consulServers: ConsulServer;
  locks: Lock;
  beats: Beat;
};
export type Kind = keyof Kinds;

export const KINDS = [
  'hosts',
  'readings',
  'brokerNodes',
  'queues',
  'workers',
  'redisServices',
  'redisNodes',
  'sentinels',
  'proxies',
  'coordinators',
  'consulServers',
  'locks',
  'beats',
] as const satisfies readonly Kind[];

export type Entities<K extends Kind> = Readonly<Record<string, Kinds[K]>>;
export type Model = { readonly [K in Kind]: Entities<K> };

/** A model in which nothing is known yet. */
export function emptyModel(): Model {
  return Object.fromEntries(KINDS.map((kind) => [kind, {}])) as unknown as Model;
}
