import { expect, onTestFinished, test } from 'vitest';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { HTTP_FAULTS, serveHttp } from '#server/sources/fault-http.ts';
import { PLANTED } from '#server/sources/fault-server.ts';
import { createRabbitmqActions } from './rabbitmq-actions.ts';
import { recordingApi } from './recording-api.ts';

const never = () => new AbortController().signal;
const login = { user: PLANTED.user, password: PLANTED.password };

async function setUp(answers: Readonly<Record<string, readonly [number, unknown]>> = {}) {
  const api = await recordingApi((line) => answers[line] ?? (line.startsWith('GET') ? undefined : [204, undefined]));
  onTestFinished(() => api.stop());
  const rabbitmq = createRabbitmqActions({ clock: manualClock(), management: [`${api.url}/`], login });
  return { ...api, rabbitmq, told: () => api.requests.map(({ line, body }) => [line, body]) };
}

test('policies are put with RabbitMQ’s own names, found by their beginning, and deleted even where they are gone', async () => {
  const { rabbitmq, told } = await setUp({
    'GET /api/policies/%2F': [200, [{ name: 'ha-all' }, { name: 'trellis-move-1' }]],
    'DELETE /api/policies/%2F/gone': [404, { reason: 'Not Found' }],
  });
  const policy = { pattern: '^celery$', definition: { 'ha-mode': 'nodes' }, priority: 3, applyTo: 'queues' };
  await rabbitmq.putPolicy('/', 'trellis-move-1', policy, never());
  expect(await rabbitmq.policies('/', 'trellis-', never())).toEqual(['trellis-move-1']);
  await rabbitmq.deletePolicy('/', 'gone', never());
  expect(told()).toEqual([
    [
      'PUT /api/policies/%2F/trellis-move-1',
      { pattern: '^celery$', definition: { 'ha-mode': 'nodes' }, priority: 3, 'apply-to': 'queues' },
    ],
    ['GET /api/policies/%2F', null],
    ['DELETE /api/policies/%2F/gone', null],
  ]);
});

test('a queue tells its leader and messages as they are now, the copies in sync without the leader, and its policy', async () => {
  const live = '?disable_stats=true&enable_queue_totals=true';
  const mirrored = { node: 'a', slave_nodes: ['b', 'c'], synchronised_slave_nodes: ['b'], messages: 7 };
  const quorum = { node: 'a', leader: 'b', members: ['a', 'b', 'c'], online: ['a', 'b'], messages: 1 };
  const { rabbitmq } = await setUp({
    [`GET /api/queues/%2F/celery${live}`]: [200, mirrored],
    'GET /api/queues/%2F/celery': [200, { effective_policy_definition: { 'ha-mode': 'all' } }],
    [`GET /api/queues/%2F/q${live}`]: [200, quorum],
    'GET /api/queues/%2F/q': [200, { effective_policy_definition: [] }],
  });
  expect(await rabbitmq.queue('/', 'celery', never())).toEqual({
    ...{ leader: 'a', inSync: ['b'], messages: 7, definition: { 'ha-mode': 'all' } },
  });
  expect(await rabbitmq.queue('/', 'q', never())).toEqual({ leader: 'b', inSync: ['a'], messages: 1, definition: {} });
  await expect(rabbitmq.queue('/', 'none', never())).rejects.toThrow(
    'RabbitMQ: GET /api/queues/%2F/none?disable_stats=true&enable_queue_totals=true: answered 404 Not Found',
  );
});

test('a queue is synchronised, and a synchronisation called off', async () => {
  const { rabbitmq, told } = await setUp();
  await rabbitmq.syncQueue('v/1', 'a b', 'cancel_sync', never());
  expect(told()).toEqual([['POST /api/queues/v%2F1/a%20b/actions', { action: 'cancel_sync' }]]);
});

test('only the connections that match are closed, each with the reason', async () => {
  const list = [
    { name: '127.0.0.1:1 -> 127.0.0.1:5672', node: 'a', user: 'app' },
    { name: 'two', node: 'a', user: 'other' },
    { name: 'three', node: 'b', user: 'app' },
  ];
  const { rabbitmq, requests } = await setUp({ 'GET /api/connections?columns=name,node,user': [200, list] });
  expect(await rabbitmq.closeConnections({ node: 'a', user: 'app' }, 'drill “7”\r\nx: y', never())).toBe(1);
  expect(await rabbitmq.closeConnections({ user: 'app' }, 'drill', never())).toBe(2);
  const closed = requests.filter(({ line }) => line.startsWith('DELETE'));
  expect(closed.map(({ line, headers }) => [line, headers['x-reason']])).toEqual([
    ['DELETE /api/connections/127.0.0.1%3A1%20-%3E%20127.0.0.1%3A5672', 'drill 7 x: y'],
    ['DELETE /api/connections/127.0.0.1%3A1%20-%3E%20127.0.0.1%3A5672', 'drill'],
    ['DELETE /api/connections/three', 'drill'],
  ]);
  await expect(rabbitmq.closeConnections({}, 'all of them', never())).rejects.toThrow('say of which node');
});

test('a node that does not answer is passed over, and one that refuses is not', async () => {
  const broken = await serveHttp(() => '[]');
  onTestFinished(() => broken.stop());
  const whole = await setUp();
  const clock = manualClock();
  const management = [`http://${broken.address}`, whole.url];
  const rabbitmq = createRabbitmqActions({ clock, management, login });
  for (const [fault, code] of Object.entries(HTTP_FAULTS)) {
    broken.fault = fault;
    const before = whole.requests.length;
    const done = rabbitmq.syncQueue('/', 'q', 'sync', never()).then(
      () => null,
      (error: Error) => error,
    );
    if (code === 'timeout') {
      await broken.nextQuestion();
      clock.advance(3_000);
    }
    const error = await done;
    if (error === null) continue;
    expect(error.message, fault).toContain('POST /api/queues/%2F/q/actions');
    for (const secret of [PLANTED.password, PLANTED.token]) expect(error.message, fault).not.toContain(`${secret}@`);
    expect(whole.requests, fault).toHaveLength(before);
  }
  broken.fault = '503';
  const before = whole.requests.length;
  await rabbitmq.syncQueue('/', 'q', 'sync', never());
  expect(whole.requests).toHaveLength(before + 1);
  broken.fault = '401';
  await expect(rabbitmq.syncQueue('/', 'q', 'sync', never())).rejects.toThrow('answered 401');
  await broken.noneLeft('busy');
});

test('a node answers for itself, or does not, whatever the others call it; who has no address here is not told', async () => {
  const all = ['a', 'b'].map((name) => ({ name, running: true }));
  const a = await setUp({
    'GET /api/nodes?columns=name,running,partitions': [200, all],
    'GET /api/overview?columns=node': [200, { node: 'a' }],
  });
  const gone = await serveHttp(() => '[]');
  await gone.stop();
  const answersOf = async (...management: string[]) => {
    const rabbitmq = createRabbitmqActions({ clock: manualClock(), management, login });
    return (await rabbitmq.nodes(never())).map(({ answers }) => answers);
  };
  expect(await answersOf(a.url, `http://${gone.address}`)).toEqual([true, false]);
  expect(await answersOf(a.url)).toEqual([true, null]);
});

test('when nobody answers, every node is named with its reason', async () => {
  const servers = await Promise.all([serveHttp(() => '[]'), serveHttp(() => '[]')]);
  for (const server of servers) await server.stop();
  const management = servers.map(({ address }) => `http://${address}`);
  const rabbitmq = createRabbitmqActions({ clock: manualClock(), management, login });
  const error = (await rabbitmq.deletePolicy('/', 'p', never()).catch((failure) => failure)) as Error;
  for (const { address } of servers) expect(error.message).toContain(`${address}: DELETE /api/policies/%2F/p: `);
  expect(error.message.match(/ECONNREFUSED/g)).toHaveLength(2);
});

test('without credentials to act nothing is asked, and it says what is missing', async () => {
  const { url, requests } = await setUp();
  const rabbitmq = createRabbitmqActions({ clock: manualClock(), management: [url], login: null });
  await expect(rabbitmq.policies('/', '', never())).rejects.toThrow('add acting.rabbitmq');
  expect(requests).toEqual([]);
});
