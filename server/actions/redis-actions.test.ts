import { expect, onTestFinished, test } from 'vitest';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { RESP_FAULTS, type RespAnswers, serveResp } from '#server/sources/fault-resp.ts';
import { PLANTED } from '#server/sources/fault-server.ts';
import { createRedisActions } from './redis-actions.ts';
import { createSentinelFailover } from './sentinel-failover.ts';

const MASTER = [
  'master',
  4_200,
  [
    ['127.0.1.2', '6379', '4200'],
    ['127.0.1.3', '6379', '-1'],
  ],
] as const;
const ANSWERS: RespAnswers = ([name]) => (name === 'ROLE' ? MASTER : name === 'PING' ? 'PONG' : 'OK');
const never = () => new AbortController().signal;

async function setUp(answers: RespAnswers = ANSWERS) {
  const server = await serveResp(answers);
  onTestFinished(() => server.stop());
  const clock = manualClock();
  const login = { user: PLANTED.user, password: PLANTED.password };
  const redis = createRedisActions({ clock, loginOf: () => login });
  const failover = createSentinelFailover({
    clock,
    serviceOf: (name) => (name === 'results' ? { masterName: 'the-master', login } : null),
  });
  /** Without what every connection begins with. */
  const orders = () => server.asked.filter((line) => !/^(auth|hello|client set|quit)/i.test(line));
  return { server, address: server.address, clock, redis, failover, orders };
}

test('each verb is the one command that a person would type, and leaves no connection behind', async () => {
  const { server, address, redis, failover, orders } = await setUp();
  await redis.pauseWrites(address, 5_000, never());
  await redis.unpause(address, never());
  await redis.replicaOf(address, '[::1]:6380', never());
  await redis.replicaOf(address, null, never());
  await failover(address, 'results', never());
  expect(orders()).toEqual([
    'client PAUSE 5000 WRITE',
    'client UNPAUSE',
    'replicaof ::1 6380',
    'replicaof NO ONE',
    'sentinel FAILOVER the-master',
  ]);
  await server.noneLeft('open');
});

test('a role is read with the offset of every replica', async () => {
  const { address, redis } = await setUp();
  const replicas = { '127.0.1.2:6379': 4_200, '127.0.1.3:6379': -1 };
  expect(await redis.role(address, never())).toEqual({ role: 'master', offset: 4_200, replicas });
  const replica = await setUp(() => ['slave', '127.0.1.1', 6_379, 'connected', 4_199]);
  expect(await replica.redis.role(replica.address, never())).toEqual({ role: 'replica', offset: 4_199, replicas: {} });
  const sentinel = await setUp(() => ['sentinel', ['results']]);
  await expect(sentinel.redis.role(sentinel.address, never())).rejects.toThrow(
    `${sentinel.address}: ROLE: answered ["sentinel",["results"]]`,
  );
});

test.each(Object.entries(RESP_FAULTS))('%s: fails, says where and what, and tells no password', async (fault, code) => {
  const { server, address, redis, clock } = await setUp();
  server.fault = fault;
  const failure = redis.role(address, never()).then(
    () => null,
    (error: Error) => error,
  );
  if (code === 'timeout') {
    await server.nextQuestion();
    clock.advance(2_000);
  }
  const error = await failure;
  expect(error).toMatchObject({ code: 'ACTION_FAILED', message: expect.stringContaining(`${address}: ROLE`) });
  if (code === 'timeout') expect(error?.message).toMatch('no answer within 2 s; it may have been done');
  for (const secret of [PLANTED.password, PLANTED.foreign]) expect(error?.message).not.toContain(secret);
  await server.noneLeft('open');
});

test('an order that is answered with anything but OK has failed', async () => {
  const { address, redis } = await setUp(() => 'MAYBE');
  await expect(redis.replicaOf(address, null, never())).rejects.toThrow(
    `${address}: replicaof NO ONE: answered "MAYBE"`,
  );
});

test('an order that is called off ends at once, and cuts its connection', async () => {
  const { server, address, redis } = await setUp();
  server.fault = 'no-answer';
  const calling = new AbortController();
  const failing = expect(redis.replicaOf(address, null, calling.signal)).rejects.toThrow('called off');
  await server.nextQuestion();
  calling.abort();
  await failing;
  await server.noneLeft('open');
  await expect(redis.role(address, calling.signal)).rejects.toThrow('called off before it began');
});

test('a pause that is no time, or would outlast a crash of Trellis for long, is refused before anybody is asked', async () => {
  const { address, redis, server } = await setUp();
  for (const ms of [0, 1.5, 30_001, Number.NaN]) {
    await expect(redis.pauseWrites(address, ms, never())).rejects.toThrow('a pause is 1 to 30000 ms');
  }
  expect(server.asked).toEqual([]);
});

test('a service that is not configured is failed over nowhere', async () => {
  const { address, failover, server } = await setUp();
  await expect(failover(address, 'other', never())).rejects.toThrow('other is not under redis:');
  expect(server.asked).toEqual([]);
});
