/** Queues in words. */

import { type CopyState, missingCopies } from '#lib/model/queues.ts';
import type { Queue, ReplicationKind } from '#lib/model/rabbitmq.ts';

/** `celery`; with its vhost where that is not the default one. */
export function queueTitle({ vhost, name }: Pick<Queue, 'vhost' | 'name'>): string {
  return vhost === '/' ? name : `${name} (${vhost})`;
}

const KINDS: Readonly<Record<Exclude<ReplicationKind, 'none'>, string>> = {
  mirrors: 'classic mirrored',
  quorum: 'quorum',
  stream: 'stream',
};

/** How a queue is replicated; RabbitMQ's type where it is not. */
export function queueKind({ type, replication }: Pick<Queue, 'type' | 'replication'>): string {
  return replication.kind === 'none' ? type : KINDS[replication.kind];
}

/** `2 of 3, not rabbit-3` (its copy is there and not in sync); `nameOf` gives names to broker nodes. */
export function copiesText({ replication }: Pick<Queue, 'replication'>, nameOf: (id: string) => string): string {
  const { inSync, wanted } = replication;
  if (inSync === null) return 'cannot tell';
  const behind = missingCopies(replication) ?? [];
  return `${inSync.length} of ${wanted}${behind.length > 0 ? `, not ${behind.map(nameOf).join(', ')}` : ''}`;
}

/** `1204 of 5000 messages`, how far a copy is resynchronised; null = none is. */
export function resyncText(queue: Pick<Queue, 'syncMessages' | 'ready' | 'unacknowledged'>): string | null {
  const { syncMessages, ready, unacknowledged } = queue;
  if (syncMessages === null) return null;
  if (ready === null || unacknowledged === null) return `${syncMessages} messages`;
  return `${syncMessages} of ${ready + unacknowledged} messages`;
}

/** The state of one copy. */
export const COPY_WORDS: Readonly<Record<CopyState, string>> = {
  'in-sync': 'in sync',
  behind: 'not in sync',
  untold: 'cannot tell whether in sync',
  'node-down': 'node down',
  'node-silent': 'node says nothing now',
};
