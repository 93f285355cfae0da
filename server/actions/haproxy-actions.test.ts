import { expect, onTestFinished, test } from 'vitest';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { LINE_FAULTS, serveLines } from '#server/sources/fault-line.ts';
import { PLANTED } from '#server/sources/fault-server.ts';
import { fixtureText } from '#server/sources/fixture.ts';
import { createHaproxyActions } from './haproxy-actions.ts';

const never = () => new AbortController().signal;
const recorded = (file: string) => fixtureText(`haproxy/fixtures/2.6/${file}`);

async function setUp(answers: (command: string) => string | null = () => '\n') {
  const server = await serveLines(answers);
  onTestFinished(() => server.stop());
  const clock = manualClock();
  const socketOf = (proxy: string) => (proxy === 'haproxy-1' ? server.address : null);
  return { server, clock, haproxy: createHaproxyActions({ clock, socketOf }) };
}

test('each verb is the one command that a person would type', async () => {
  const { server, haproxy } = await setUp();
  await haproxy.setState('haproxy-1', 'amqp/rabbit-1', 'drain', never());
  await haproxy.setHealth('haproxy-1', 'redis/redis-2', 'up', never());
  await haproxy.shutdownSessions('haproxy-1', 'amqp/rabbit-1', never());
  await haproxy.replaceServer('haproxy-1', 'redis/redis-1', ['redis/redis-2'], never());
  expect(server.asked).toEqual([
    'set server amqp/rabbit-1 state drain',
    'set server redis/redis-2 health up',
    'shutdown sessions server amqp/rabbit-1',
    'set server redis/redis-2 health up; set server redis/redis-1 state maint; shutdown sessions server redis/redis-1',
  ]);
  await server.noneLeft('open');
});

test('any answer to an order is an error that names proxy, command and answer', async () => {
  const { haproxy } = await setUp(() => 'No such server.\n\n');
  await expect(haproxy.setState('haproxy-1', 'amqp/rabbit-9', 'maint', never())).rejects.toThrow(
    'haproxy-1: set server amqp/rabbit-9 state maint: No such server.',
  );
});

test.each(Object.entries(LINE_FAULTS))('%s: an order fails, and says where and what', async (fault, code) => {
  // What is not empty is an error whatever it says, so the fault that empties the answer cannot be told from consent.
  if (fault === 'empty-answer') return expect(code).toBe('protocol');
  const { server, clock, haproxy } = await setUp(() => `${'whole '.repeat(40)}\n\n`);
  server.fault = fault;
  const failure = haproxy.setState('haproxy-1', 'amqp/rabbit-1', 'ready', never()).then(
    () => null,
    (error: Error) => error,
  );
  if (code === 'timeout') {
    await server.nextQuestion();
    clock.advance(2_000);
  }
  const error = await failure;
  expect(error?.message).toMatch(/^haproxy-1: set server amqp\/rabbit-1 state ready: ./);
  expect(error?.message).not.toContain(`:${PLANTED.password}@`);
  await server.noneLeft('open');
});

test('a socket without the right to act says what it needs', async () => {
  const { haproxy } = await setUp(() => 'Permission denied\n\n');
  await expect(haproxy.setHealth('haproxy-1', 'a/b', 'up', never())).rejects.toThrow('the socket needs level admin');
});

test.each([
  ['user', 'user'],
  ['operator', 'operator'],
  ['admin', 'admin'],
  ['Unknown command: but maybe another one', null],
])('the level of a socket that answers "%s" is %s', async (answer, level) => {
  const { server, haproxy } = await setUp(() => `${answer}\n\n`);
  expect(await haproxy.level('haproxy-1', never())).toBe(level);
  expect(server.asked).toEqual(['show cli level']);
});

test('what could end the command, or begin another, is no server', async () => {
  const { server, haproxy } = await setUp();
  for (const name of ['amqp/a;shutdown sessions server b/c', 'amqp/a\nx', 'amqp', 'amqp/a state', '/a', 'a/']) {
    await expect(haproxy.setState('haproxy-1', name, 'ready', never())).rejects.toThrow('backend/server');
    await expect(haproxy.replaceServer('haproxy-1', 'a/b', [name], never())).rejects.toThrow('backend/server');
  }
  expect(server.asked).toEqual([]);
});

test('a proxy without a runtime socket cannot be told anything, and says what is missing', async () => {
  const { haproxy } = await setUp();
  await expect(haproxy.setState('haproxy-2', 'a/b', 'ready', never())).rejects.toThrow(
    'add one of level admin under acting.haproxy',
  );
});

test('servers are told with their administrative state, their status and their sessions', async () => {
  const drained = recorded('show-servers-state.txt').replace('rabbit-1 127.0.1.1 2 0', 'rabbit-1 127.0.1.1 2 8');
  const { haproxy } = await setUp((command) => (command === 'show stat' ? recorded('show-stat.csv') : drained));
  const servers = await haproxy.servers('haproxy-1', never());
  expect(servers.map(({ server }) => server)).toEqual([
    ...[1, 2, 3].map((n) => `amqp/rabbit-${n}`),
    ...[1, 2, 3].map((n) => `redis/redis-${n}`),
  ]);
  expect(servers.map(({ admin }) => admin)).toEqual(['drain', ...Array(5).fill('ready')]);
  for (const { status, sessions } of servers)
    expect([status, sessions]).toEqual([expect.any(String), expect.any(Number)]);
});
