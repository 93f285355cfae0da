/** The intake in the composition: from the configuration to the ingest thread, and from the model back to it. */
import { join } from 'node:path';
import type { Model } from '#lib/model/model.ts';
import { brokerAddresses } from '#server/amqp/addresses.ts';
import type { LoadedConfig } from '#server/config/load.ts';
import type { Ingest } from '#server/ingest/ingest.ts';
import type { IngestOptions } from '#server/ingest/report.ts';
import { resultNodesOf } from '#server/ingest/result-nodes.ts';
import { databaseOf } from '#server/redis/database-of.ts';

const DAY_MS = 86_400_000;

/** The file of the tasks: one of its own, so that the timeline's small writes never wait for it. */
export function taskFile(config: Pick<LoadedConfig, 'dataDir'>): string {
  return join(config.dataDir, 'tasks.db');
}

/** What the ingest thread needs; null where the configuration has no `celery:`. `instance` names this process. */
export function ingestOptions(config: LoadedConfig, instance: string): IngestOptions | null {
  const { celery, rabbitmq, tasks, acting } = config;
  if (celery === undefined || rabbitmq === undefined) return null;
  const vhost = celery.vhost ?? rabbitmq.vhosts[0] ?? '/';
  const { queue, exchange, maxBytes, mode, enable } = celery.events;
  const actor = acting?.rabbitmq;
  return {
    path: taskFile(config),
    addresses: brokerAddresses(config),
    login: { user: celery.user ?? rabbitmq.user, password: (celery.password ?? rabbitmq.password) as string, vhost },
    queue: { queue, exchange, maxBytes, mode },
    suffix: instance,
    retention: { maxAgeMs: tasks.keepDays * DAY_MS, maxRows: tasks.keepRows, maxBytes: tasks.keepBytes },
    mask: tasks.mask,
    acting: actor === undefined ? null : { user: actor.user, password: actor.password as string, vhost },
    enable,
    results: resultStore(config),
    carried: null,
  };
}

/** The name of the Redis service that keeps results; null where none is configured. */
export function resultService({ celery, redis }: Pick<LoadedConfig, 'celery' | 'redis'>): string | null {
  return celery?.results.service ?? Object.keys(redis ?? {})[0] ?? null;
}

function resultStore(config: LoadedConfig): IngestOptions['results'] {
  const service = config.redis?.[resultService(config) ?? ''];
  if (service === undefined || config.celery === undefined) return null;
  const { db, keyPrefix } = config.celery.results;
  return {
    ...{ user: service.user, password: service.password as string | undefined },
    ...{ db: db ?? databaseOf(config.entrances?.results ?? ''), keyPrefix },
    nodes: service.nodes.map((address) => ({ address, role: null, up: true })),
  };
}

/** Tells the thread where results are whenever that changes; to be called with every model. */
export function tellResultNodes(
  ingest: Pick<Ingest, 'setResultNodes'>,
  service: string,
): (model: Model, now: number) => void {
  let seen: Model['redisNodes'] | null = null;
  let told = '';
  return (model, now) => {
    if (model.redisNodes === seen) return;
    seen = model.redisNodes;
    const nodes = resultNodesOf(service, model, now);
    const text = JSON.stringify(nodes);
    if (text === told) return;
    told = text;
    ingest.setResultNodes(nodes);
  };
}
