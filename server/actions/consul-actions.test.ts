import { expect, onTestFinished, test } from 'vitest';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { PLANTED } from '#server/sources/fault-server.ts';
import { createConsulActions } from './consul-actions.ts';
import { recordingApi } from './recording-api.ts';

const never = () => new AbortController().signal;
const SERVERS = [1, 2].map((n) => ({
  ID: `id-${n}`,
  Node: `consul-${n}`,
  Address: `10.0.0.${n}:8300`,
  Leader: n === 1,
}));

async function setUp(answers: Readonly<Record<string, readonly [number, unknown]>>) {
  const api = await recordingApi((line) => answers[line]);
  onTestFinished(() => api.stop());
  const consul = createConsulActions({ clock: manualClock(), agents: [api.url], token: PLANTED.token });
  return { ...api, consul, lines: () => api.requests.map(({ line }) => line) };
}

test('a session is ended, with the token', async () => {
  const { consul, requests } = await setUp({ 'PUT /v1/session/destroy/s-1': [200, true] });
  await consul.destroySession('s-1', never());
  expect(requests.map(({ line, headers }) => [line, headers['x-consul-token']])).toEqual([
    ['PUT /v1/session/destroy/s-1', PLANTED.token],
  ]);
  await expect(consul.destroySession('s-2', never())).rejects.toThrow(
    'Consul: PUT /v1/session/destroy/s-2: answered 404',
  );
});

test('a lock tells its session and the node behind it; one that nobody holds tells nothing', async () => {
  const { consul } = await setUp({
    'GET /v1/kv/celery/beat/.lock': [200, [{ Key: 'celery/beat/.lock', Session: 's-1' }]],
    'GET /v1/session/info/s-1': [200, [{ ID: 's-1', Node: 'consul-2' }]],
    'GET /v1/kv/free/.lock': [200, [{ Key: 'free/.lock' }]],
    'GET /v1/kv/late/.lock': [200, [{ Key: 'late/.lock', Session: 's-9' }]],
    'GET /v1/session/info/s-9': [200, []],
  });
  expect(await consul.lockHolder('celery/beat/.lock', never())).toEqual({ session: 's-1', node: 'consul-2' });
  expect(await consul.lockHolder('free/.lock', never())).toEqual({ session: null, node: null });
  expect(await consul.lockHolder('none/.lock', never())).toEqual({ session: null, node: null });
  expect(await consul.lockHolder('late/.lock', never())).toEqual({ session: 's-9', node: null });
});

test('leadership is given to a server by the name that people know, or to anybody', async () => {
  const path = 'POST /v1/operator/raft/transfer-leader';
  const { consul, lines } = await setUp({
    'GET /v1/operator/raft/configuration': [200, { Servers: SERVERS }],
    [`${path}?id=id-2`]: [200, { Success: true }],
    [path]: [200, { Success: false }],
  });
  await consul.transferLeader('consul-2', never());
  expect(lines().at(-1)).toBe(`${path}?id=id-2`);
  await expect(consul.transferLeader(null, never())).rejects.toThrow('{"Success":false}');
  await expect(consul.transferLeader('consul-7', never())).rejects.toThrow('knows no server consul-7');
});

test('a Consul that cannot give leadership on says so', async () => {
  const { consul } = await setUp({});
  await expect(consul.transferLeader(null, never())).rejects.toThrow('this version cannot give leadership on');
});

test('an agent without a leader is passed over', async () => {
  const without = await setUp({ 'PUT /v1/session/destroy/s-1': [500, 'No cluster leader'] });
  const whole = await setUp({ 'PUT /v1/session/destroy/s-1': [200, true] });
  const agents = [without.url, whole.url];
  await createConsulActions({ clock: manualClock(), agents, token: undefined }).destroySession('s-1', never());
  expect(whole.lines()).toEqual(['PUT /v1/session/destroy/s-1']);
});
