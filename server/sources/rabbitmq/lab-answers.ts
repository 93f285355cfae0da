/** For tests of rules: what RabbitMQ may say a second after the lab was whole, by its recordings. */
import type { Model } from '#lib/model/model.ts';
import type { ProbeCode } from '#lib/model/reading.ts';
import { fold } from '#server/model/fold.ts';
import type { Observation } from '#server/model/observation.ts';
import { FIXTURE_AT, fixtureJson } from '#server/sources/fixture.ts';
import { LAB_REDUCERS, wholeEstate } from '#server/sources/whole-estate.ts';
import {
  consumersPayload,
  featureFlagsPayload,
  nodesPayload,
  overviewPayload,
  ownPayload,
  policiesPayload,
  queueStatsPayload,
  queuesPayload,
} from './payloads.ts';

/** The node of the lab's nth host. */
export const rabbit = (n: number) => `rabbit-${n}@host-${n}`;

/** Makes observations that differ from the recorded ones. */
export function labAnswers() {
  const read = (file: string) => fixtureJson(`rabbitmq/fixtures/3.10/${file}.json`);
  const whole = wholeEstate();
  const NOW = FIXTURE_AT + 1_001;
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

  function said(endpoint: string, reading: string, data: unknown, at = FIXTURE_AT + 1_000): Observation {
    return { ...head, endpoint, reading, at, ok: true, data };
  }

  function failed(endpoint: string, reading: string, code: ProbeCode, at = FIXTURE_AT + 1_000): Observation {
    return { ...head, endpoint, reading, at, ok: false, code, message: `it says ${code}` };
  }

  // The lab with all that RabbitMQ tells, and then what is said instead.
  function labAfter(...changes: readonly Observation[]): Model {
    const rest = [
      ...[1, 2, 3].map((n) => said(rabbit(n), 'own', { ...OWN, name: rabbit(n) }, FIXTURE_AT)),
      said('cluster', 'queue-stats', FIGURES, FIXTURE_AT),
      said('cluster', 'policies', POLICIES, FIXTURE_AT),
      said('cluster', 'feature-flags', FLAGS, FIXTURE_AT),
      said('cluster', 'overview', OVERVIEW, FIXTURE_AT),
    ];
    return [...rest, ...changes].reduce((state, one) => fold(state, one, LAB_REDUCERS), whole).model;
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
