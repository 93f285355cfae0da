/** Transitions: changes in the model that are worth a line on the timeline. */
import type { Kind } from './model.ts';

export const TRANSITION_CODES = [
  'BrokerNodeRunning',
  'QueueLeader',
  'QueueInSync',
  'RedisMaster',
  'RedisNodeUp',
  'RedisNodeRole',
  'ProxyServing',
  'ConsulLeader',
  'ConsulServerAlive',
  'LockHolder',
  'LockStandbys',
  'WorkerPresence',
  'EndpointAnswers',
  'CeleryWorkerState',
  'CeleryWorkerGap',
  'IngestState',
] as const;
export type TransitionCode = (typeof TRANSITION_CODES)[number];

export type Subject = { kind: Kind | 'endpoints'; id: string; part?: string };

/** The earlier transition that explains a later one. */
export type Cause = Pick<Transition, 'id' | 'at' | 'code' | 'subject' | 'from' | 'to'>;

export type Transition = {
  /** Unique and growing, over restarts too. */
  id: number;
  /** When Trellis saw it (epoch ms). */
  at: number;
  code: TransitionCode;
  subject: Subject;
  from: string;
  to: string;
  /** Keys of the readings that say so. */
  by: readonly string[];
  /** Set when nobody watched as it happened (Trellis was down): it happened between these times (epoch ms). */
  between?: { from: number; to: number };
  /** What explains it, where something that it depends on changed before. */
  cause?: Cause;
};
