import { describe, expect, test } from 'vitest';
import type { Latest } from '#server/model/fold.ts';
import { answered, FIXTURE_CONTEXT, fixtureJson } from '#server/sources/fixture.ts';
import { consumersPayload, nodesPayload, ownPayload, policiesPayload, queuesPayload } from './payloads.ts';
import { rabbitmqReduce } from './reduce.ts';

const FILES = 'rabbitmq/fixtures/3.10';
const NODES = Object.fromEntries(
  [1, 2, 3].map((n) => [
    `rabbit-${n}@host-${n}`,
    { management: `http://127.0.1.${n}:15672`, amqp: `127.0.1.${n}:5672` },
  ]),
);
const reduce = rabbitmqReduce({ nodes: NODES });
const nodes = nodesPayload.parse(fixtureJson(`${FILES}/nodes-live.json`));
const queues = queuesPayload.parse(fixtureJson(`${FILES}/queues-live.json`));
const whole: Latest[] = [
  ...Object.keys(NODES).map((id) => answered('rabbitmq', id, 'nodes', nodes)),
  answered('rabbitmq', 'rabbit-1@host-1', 'own', ownPayload.parse(fixtureJson(`${FILES}/node-own.json`))),
  answered('rabbitmq', 'cluster', 'queues', queues),
  answered('rabbitmq', 'cluster', 'consumers', consumersPayload.parse(fixtureJson(`${FILES}/consumers.json`))),
];

describe('RabbitMQ 3.10, recorded', () => {
  test('every node is claimed running by every node, on its host', () => {
    const found = reduce(whole, FIXTURE_CONTEXT).brokerNodes ?? {};
    expect(Object.keys(found)).toEqual(Object.keys(NODES));
    for (const [i, node] of Object.values(found).entries()) {
      expect(node.host).toBe(`host-${i + 1}`);
      expect(node.running.map((claim) => claim.value)).toEqual([true, true, true]);
    }
    expect(found['rabbit-1@host-1']).toMatchObject({ version: '3.10.8', memoryAlarm: false, diskAlarm: false });
  });

  test('the mirrored queue has one leader and all three copies in sync', () => {
    const queue = reduce(whole, FIXTURE_CONTEXT).queues?.['/:celery'];
    expect(queue?.replication).toMatchObject({
      kind: 'mirrors',
      members: Object.keys(NODES),
      inSync: Object.keys(NODES),
    });
    expect(Object.keys(NODES)).toContain(queue?.replication.leader);
    expect(queue).toMatchObject({ policy: 'ha-all', plumbing: false });
  });

  test('every worker is found on its host, with the queue it consumes and the node that carries it', () => {
    const workers = Object.values(reduce(whole, FIXTURE_CONTEXT).workers ?? {});
    expect(workers.map((worker) => worker.id).sort()).toEqual(['celery@host-1', 'celery@host-2', 'celery@host-3']);
    for (const worker of workers) {
      expect(worker).toMatchObject({ host: worker.id.split('@')[1], queues: ['celery'], goneSince: null });
      expect(worker.brokerNodes).toHaveLength(1);
    }
  });

  test('remote-control queues are plumbing, not queues of tasks', () => {
    const found = Object.values(reduce(whole, FIXTURE_CONTEXT).queues ?? {});
    expect(found.filter((queue) => !queue.plumbing).map((queue) => queue.name)).toEqual(['celery']);
  });

  test('a worker whose remote-control queue is gone stays on the rack as gone, since then', () => {
    const previous = reduce(whole, FIXTURE_CONTEXT);
    const without = queues.filter((queue) => !queue.name.startsWith('celery@host-2'));
    const later = { ...FIXTURE_CONTEXT, previous, at: FIXTURE_CONTEXT.at + 5 };
    const gone = reduce([answered('rabbitmq', 'cluster', 'queues', without)], later);
    expect(gone.workers?.['celery@host-2']).toMatchObject({ host: 'host-2', goneSince: later.at, queues: [] });
    const muchLater = reduce([answered('rabbitmq', 'cluster', 'queues', without)], {
      ...later,
      previous: gone,
      at: later.at + 9,
    });
    expect(muchLater.workers?.['celery@host-2']?.goneSince).toBe(later.at);
    const back = reduce([answered('rabbitmq', 'cluster', 'queues', queues)], { ...later, previous: muchLater });
    expect(back.workers?.['celery@host-2']?.goneSince).toBeNull();
  });

  test('before any answer the configured nodes are there, with nothing claimed about them', () => {
    const found = Object.values(reduce([], FIXTURE_CONTEXT).brokerNodes ?? {});
    expect(found.map((node) => [node.host, node.running])).toEqual([1, 2, 3].map((n) => [`host-${n}`, []]));
  });
});

describe('replication in one shape', () => {
  const one = (queue: object) => {
    const payload = queuesPayload.parse([{ name: 'q', vhost: '/', ...queue }]);
    return reduce([answered('rabbitmq', 'cluster', 'queues', payload)], FIXTURE_CONTEXT).queues?.['/:q']?.replication;
  };

  test('an unsynchronised mirror is a member that is not in sync', () => {
    expect(one({ node: 'a', slave_nodes: ['c', 'b'], synchronised_slave_nodes: ['b'] })).toEqual({
      ...{ kind: 'mirrors', leader: 'a', members: ['a', 'b', 'c'], inSync: ['a', 'b'], wanted: 3 },
    });
  });

  test('a quorum queue has the members that are online in sync', () => {
    expect(one({ type: 'quorum', leader: 'b', node: 'a', members: ['a', 'b', 'c'], online: ['b', 'a'] })).toEqual({
      ...{ kind: 'quorum', leader: 'b', members: ['a', 'b', 'c'], inSync: ['a', 'b'], wanted: 3 },
    });
  });

  test('a server that does not tell who is in sync leaves it unknown', () => {
    expect(one({ type: 'stream', leader: 'a', members: ['a', 'b'] })?.inSync).toBeNull();
    expect(one({ node: 'a', slave_nodes: ['b'], synchronised_slave_nodes: '' })?.inSync).toBeNull();
  });

  test('a queue without copies has only its leader', () => {
    expect(one({ node: 'a' })).toEqual({ kind: 'none', leader: 'a', members: ['a'], inSync: ['a'], wanted: 1 });
  });

  test.each([
    [{ 'ha-mode': 'all' }, 3],
    [{ 'ha-mode': 'exactly', 'ha-params': 2 }, 2],
    [{ 'ha-mode': 'exactly', 'ha-params': 9 }, 3],
    [{ 'ha-mode': 'nodes', 'ha-params': ['a', 'b'] }, 2],
    [{ 'max-length': 5 }, 1],
  ])(
    'the policy %o wants %i copies, also while RabbitMQ has forgotten one whose node is gone',
    (definition, wanted) => {
      const policy = { name: 'ha', vhost: '/', pattern: '.*', 'apply-to': 'queues', priority: 0, definition };
      const queue = { name: 'q', vhost: '/', node: 'a', policy: 'ha', slave_nodes: [], synchronised_slave_nodes: [] };
      const { queues } = reduce(
        [
          answered('rabbitmq', 'cluster', 'queues', queuesPayload.parse([queue])),
          answered('rabbitmq', 'cluster', 'policies', policiesPayload.parse([policy])),
        ],
        FIXTURE_CONTEXT,
      );
      expect(queues?.['/:q']?.replication.wanted).toBe(wanted);
    },
  );
});

describe('what the cluster does when it is cut apart', () => {
  const overview = answered('rabbitmq', 'cluster', 'overview', { rabbitmq_version: '3.12.0' });
  const handling = (...more: Latest[]) =>
    reduce([overview, ...more], FIXTURE_CONTEXT).brokerClusters?.rabbitmq?.partitionHandling;

  test('is as the effective configuration tells', () => {
    const told = { partitionHandling: 'autoheal' };
    expect(handling(answered('rabbitmq', 'cluster', 'config', told))).toBe('autoheal');
  });

  test('is not told by a version without that page, or to a user who may not read it', () => {
    expect(handling()).toBeNull();
    expect(handling(answered('rabbitmq', 'cluster', 'config', null))).toBeNull();
  });
});
