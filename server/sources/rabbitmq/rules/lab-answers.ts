/** For tests: what RabbitMQ may say a second after the lab was whole. Pure: the recordings are given. */
import type { Model } from '#lib/model/model.ts';
import type { ProbeCode } from '#lib/model/reading.ts';
import { type FoldState, fold, type Reducers } from '#server/model/fold.ts';
import type { Observation } from '#server/model/observation.ts';
import {
  consumersPayload,
  featureFlagsPayload,
  nodesPayload,
  overviewPayload,
  ownPayload,
  policiesPayload,
  queueStatsPayload,
  queuesPayload,
} from '#server/sources/rabbitmq/payloads.ts';

/** The lab as it was recorded. */
export type Recorded = { at: number; whole: FoldState; reducers: Reducers; read(file: string): unknown };

/** The node of the lab's nth host. */
export const rabbit = (n: number) => `rabbit-${n}@host-${n}`;

/** Makes observations that differ from the recorded ones. */
export function labAnswers({ at: recordedAt, whole, reducers, read }: Recorded) {
  const NOW = recordedAt + 1_001;
  const NODES = nodesPayload.parse(read('nodes-live'));
  const OWN = ownPayload.parse(read('node-own'));
  const QUEUES = queuesPayload.parse(read('queues-live'));
  const FIGURES = queueStatsPayload.parse(read('queues-stats'));
  const CONSUMERS = consumersPayload.parse(read('consumers'));
  const POLICIES = policiesPayload.parse(read('policies'));
  const FLAGS = featureFlagsPayload.parse(read('feature-flags'));
  const OVERVIEW = overviewPayload.parse(read('overview'));
  const [CELERY, FIGURE, POLICY] = [QUEUES[0], FIGURES[0], POLICIES[0]];
  if (CELERY?.name !== 'celery' || FIGURE?.name !== 'celery' || POLICY === undefined)
    throw new Error('other recordings');

  const head = { source: 'rabbitmq', intervalMs: 1_000, tookMs: 1 } as const;

  function said(endpoint: string, reading: string, data: unknown, at = recordedAt + 1_000): Observation {
    return { ...head, endpoint, reading, at, ok: true, data };
  }

  function failed(endpoint: string, reading: string, code: ProbeCode, at = recordedAt + 1_000): Observation {
    return { ...head, endpoint, reading, at, ok: false, code, message: `it says ${code}` };
  }

  // The lab with all that RabbitMQ tells, and then what is said instead.
  function labAfter(...changes: readonly Observation[]): Model {
    const rest = [
      ...[1, 2, 3].map((n) => said(rabbit(n), 'own', { ...OWN, name: rabbit(n) }, recordedAt)),
      said('cluster', 'queue-stats', FIGURES, recordedAt),
      said('cluster', 'policies', POLICIES, recordedAt),
      said('cluster', 'feature-flags', FLAGS, recordedAt),
      said('cluster', 'overview', OVERVIEW, recordedAt),
    ];
    return [...rest, ...changes].reduce((state, one) => fold(state, one, reducers), whole).model;
  }

  // What a node says of the others: rabbit-n of each of these does not run, or is drained.
  const sees = (n: number, down: readonly number[], drained: readonly number[] = []) =>
    said(
      rabbit(n),
      'nodes',
      NODES.map((node, i) => ({ ...node, running: !down.includes(i + 1), being_drained: drained.includes(i + 1) })),
    );
  const silent = (n: number, code: ProbeCode) => [failed(rabbit(n), 'nodes', code), failed(rabbit(n), 'amqp', code)];
  const own = (n: number, change: object) => said(rabbit(n), 'own', { ...OWN, name: rabbit(n), ...change });
  const blocked = (n: number, why: string) => said(rabbit(n), 'amqp', { blocked: why, events: 'on' });

  const listed = (...queues: object[]) => said('cluster', 'queues', [...queues, ...QUEUES.slice(1)]);
  const celery = (change: object) => listed({ ...CELERY, ...change });
  const mirrors = (...synced: number[]) => celery({ synchronised_slave_nodes: synced.map(rabbit) });
  const raft = (online: readonly number[], members: readonly number[] = [1, 2, 3], type = 'quorum') => {
    const { slave_nodes: _, synchronised_slave_nodes: __, ...plain } = CELERY;
    return listed({ ...plain, type, leader: rabbit(1), members: members.map(rabbit), online: online.map(rabbit) });
  };
  const single = (change: object = {}) => {
    const { slave_nodes: _, synchronised_slave_nodes: __, policy: ___, ...plain } = CELERY;
    return listed({ ...plain, ...change });
  };
  const figures = (change: object, ...more: object[]) =>
    said('cluster', 'queue-stats', [{ ...FIGURE, ...change }, ...more, ...FIGURES.slice(1)]);
  const events = { ...CELERY, name: 'celeryev.flower' };

  // Workers by the queues that tell of them, and what they consume.
  const without = (...hosts: number[]) => {
    const names = hosts.map((n) => `celery@host-${n}.celery.pidbox`);
    return said(
      'cluster',
      'queues',
      QUEUES.filter(({ name }) => !names.includes(name)),
    );
  };
  const idle = (...hosts: number[]) =>
    said(
      'cluster',
      'consumers',
      CONSUMERS.filter(
        ({ queue, channel_details: link }) =>
          queue.name !== 'celery' || !hosts.some((n) => link?.peer_host === `127.0.1.${n}`),
      ),
    );
  const policy = (definition: object) =>
    said('cluster', 'policies', [{ ...POLICY, definition: { ...POLICY.definition, ...definition } }]);

  return {
    NOW,
    said,
    failed,
    labAfter,
    sees,
    silent,
    own,
    blocked,
    listed,
    celery,
    mirrors,
    raft,
    single,
    figures,
    events,
    without,
    idle,
    policy,
    FLAGS,
    CELERY,
    FIGURE,
  };
}
