/** What no network call can do: the seam, and which roles there are to do it to. */
import type { EstateActions } from './estate-actions.ts';

/** Kills, starts, freezes. One implementation: `executor-command.ts`; another could speak to Kubernetes. */
export type Executor = EstateActions['executor'];

/** What a command is aimed at: an entity of the model. */
export type ExecutorTarget = Parameters<Executor['run']>[1];

/** What people call the role that an entity plays on its host; hosts themselves have none. */
export const ROLE_OF_KIND: Readonly<Record<string, string>> = {
  brokerNodes: 'rabbitmq',
  redisNodes: 'redis',
  sentinels: 'sentinel',
  proxies: 'haproxy',
  consulServers: 'consul',
  celeryWorkers: 'worker',
  workers: 'worker',
  beats: 'beat',
};

/** What may stand in braces in a configured command. */
export const PLACEHOLDERS = ['host', 'address', 'id', 'name', 'role'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];
/** Their values for one target; null = not known. */
export type PlaceholderValues = Readonly<Record<Placeholder, string | null>>;
