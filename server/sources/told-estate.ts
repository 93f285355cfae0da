/** For tests: the whole lab, with what its recorded answers leave out, and one change at a time. */
import type { Kind, Kinds, Model } from '#lib/model/model.ts';
import type { Queue } from '#lib/model/rabbitmq.ts';
import { FIXTURE_AT } from '#server/sources/fixture.ts';
import { wholeEstate } from '#server/sources/whole-estate.ts';

/** A second after everything answered. */
export const NOW = FIXTURE_AT + 1_000;
export const SILENCE_MS = 42_000;

/** The names of the lab's broker nodes. */
export const [RABBIT_1, RABBIT_2, RABBIT_3] = ['rabbit-1@host-1', 'rabbit-2@host-2', 'rabbit-3@host-3'] as const;

/** The lab: host-2 has the master of Redis, the leader of Consul, the leader of queue celery, and the beat. */
export function toldEstate(): Model {
  const { model } = wholeEstate();
  const check = { kind: 'content', intervalMs: 1_000, fall: 3, rise: 2, endsSessions: true } as const;
  const proxies = Object.values(model.proxies).map((proxy) => ({
    ...proxy,
    backends: proxy.backends.map((backend) => ({
      ...backend,
      servers: backend.servers.map((server) => ({ ...server, check })),
    })),
  }));
  const told = { ...model, proxies: Object.fromEntries(proxies.map((proxy) => [proxy.id, proxy])) };
  return changed(
    changed(told, 'locks', 'beat', { times: { ttlMs: 15_000, lockDelayMs: 15_000 } }),
    'queues',
    '/:celery',
    {
      ...{ ready: 10, unacknowledged: 2 },
    },
  );
}

/** The model with one entity changed. */
export function changed<K extends Kind>(model: Model, kind: K, id: string, patch: Partial<Kinds[K]>): Model {
  const entity = model[kind][id];
  if (entity === undefined) throw new Error(`no ${kind} ${id}`);
  return { ...model, [kind]: { ...model[kind], [id]: { ...entity, ...patch } } };
}

/** The model with these readings silent since `SILENCE_MS` before `NOW`. */
export function silent(model: Model, which: (key: string) => boolean): Model {
  const readings = Object.values(model.readings).map((reading) =>
    which(reading.key) ? { ...reading, at: NOW - SILENCE_MS } : reading,
  );
  return { ...model, readings: Object.fromEntries(readings.map((reading) => [reading.key, reading])) };
}

/** The model with another replication of queue celery. */
export function replicated(model: Model, replication: Partial<Queue['replication']>, more: Partial<Queue> = {}): Model {
  const queue = model.queues['/:celery'] as Queue;
  return changed(model, 'queues', queue.id, { ...more, replication: { ...queue.replication, ...replication } });
}

/** The model with this broker node dead: nobody says that it runs. */
export function brokerDown(model: Model, id: string): Model {
  const node = model.brokerNodes[id];
  return changed(model, 'brokerNodes', id, {
    running: node?.running.filter(({ by }) => !by.includes(id)).map(({ by }) => ({ by, value: false })) ?? [],
  });
}

/** The model with a cluster that handles partitions like this; null = it does not tell. */
export function handling(model: Model, partitionHandling: string | null): Model {
  const by = 'rabbitmq/cluster/queues';
  const rates = { publish: null, deliver: null, ack: null };
  const cluster = { id: 'rabbitmq', name: null, rates, disabledFlags: null, partitionHandling, by };
  return { ...model, brokerClusters: { rabbitmq: cluster } };
}
