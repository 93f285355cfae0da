import { expect, test } from 'vitest';
import { answered, FIXTURE_CONTEXT, fixtureText } from '#server/sources/fixture.ts';
import { type ConfigFilePayload, configFilePayload } from './config-file.ts';
import { type ServerRow, statsPayload } from './payloads.ts';
import { haproxyReduce } from './reduce.ts';

const config = { name: 'haproxy-1', socket: '127.0.1.1:9999' };
const reduce = haproxyReduce([{ id: 'haproxy-1', config }]);

function proxyOf(data: unknown) {
  return reduce([answered('haproxy', 'haproxy-1', 'stats', data)], FIXTURE_CONTEXT).proxies?.['haproxy-1'];
}

test('HAProxy 2.6, recorded from its socket: servers with addresses, the primary serves AMQP, one Redis serves results', () => {
  const proxy = proxyOf(statsPayload(fixtureText('haproxy/fixtures/2.6/show-stat.csv')));
  expect(proxy?.host).toBe('host-1');
  const amqp = proxy?.backends.find((backend) => backend.name === 'amqp');
  expect(amqp?.serving).toEqual(['rabbit-1']);
  expect(amqp?.servers.map((server) => [server.address, server.backup])).toEqual([
    ['127.0.1.1:5672', false],
    ['127.0.1.2:5672', true],
    ['127.0.1.3:5672', true],
  ]);
  const redis = proxy?.backends.find((backend) => backend.name === 'redis');
  expect(redis?.serving).toHaveLength(1);
  const standby = redis?.servers.filter((server) => !server.usable);
  expect(standby?.map((server) => server.checkStatus)).toEqual(['L7TOUT', 'L7TOUT']);
});

test('HAProxy 2.6, recorded from its stats page: the same servers and the same one serving', () => {
  const page = proxyOf(statsPayload(fixtureText('haproxy/fixtures/2.6/stats.csv')));
  const socket = proxyOf(statsPayload(fixtureText('haproxy/fixtures/2.6/show-stat.csv')));
  expect(page?.backends.map((backend) => backend.serving)).toEqual(socket?.backends.map((backend) => backend.serving));
});

function checksOf(data: unknown, backend: string, file?: ConfigFilePayload) {
  const stats = answered('haproxy', 'haproxy-1', 'stats', data);
  const latest = file === undefined ? [stats] : [stats, answered('haproxy', 'haproxy-1', 'config', file)];
  const proxy = reduce(latest, FIXTURE_CONTEXT).proxies?.['haproxy-1'];
  return proxy?.backends.find((one) => one.name === backend)?.servers.map((server) => server.check) ?? [];
}

test('HAProxy 2.6, recorded: the statistics tell what a check asks for and its counts, and no more', () => {
  const stats = statsPayload(fixtureText('haproxy/fixtures/2.6/show-stat.csv'));
  const told = { intervalMs: null, fall: 3, rise: 2, endsSessions: null };
  expect(checksOf(stats, 'amqp')).toEqual(Array(3).fill({ kind: 'tcp', ...told }));
  expect(checksOf(stats, 'redis')).toEqual(Array(3).fill({ kind: 'content', ...told }));
});

test('the configuration file adds the interval and what becomes of sessions; counts that run now win over the file’s', () => {
  const stats = statsPayload(fixtureText('haproxy/fixtures/2.6/show-stat.csv'));
  const file = configFilePayload(
    'listen amqp\n server rabbit-2 1:1 check inter 1s fall 9 rise 9 on-marked-down shutdown-sessions\nlisten redis\n server rabbit-1 1:1 check',
  );
  const [first, second] = checksOf(stats, 'amqp', file);
  expect(first).toMatchObject({ intervalMs: null, endsSessions: null });
  expect(second).toEqual({ kind: 'tcp', intervalMs: 1_000, fall: 3, rise: 2, endsSessions: true });
  const silent = { servers: stats.servers.map((row) => ({ ...row, fall: undefined, rise: undefined })) };
  expect(checksOf(silent, 'amqp', file)[1]).toMatchObject({ fall: 9, rise: 9 });
});

function kindsOf(...checks: [status: string, checkStatus: string | null][]) {
  const rows = checks.map(([status, checkStatus], i) => row(`s${i}`, status, false, checkStatus));
  return checksOf({ servers: rows }, 'b').map((check) => check.kind);
}

test('a server without a check has none; a check that has not ended yet does not tell what it asks for', () => {
  expect(kindsOf(['no check', null], ['UP', 'L4OK'])).toEqual(['none', 'tcp']);
  expect(kindsOf(['UP', 'INI'], ['MAINT', null])).toEqual([null, null]);
});

test('a check that cannot even connect is not taken for one that only wants a port: its neighbours tell', () => {
  expect(kindsOf(['DOWN', 'L4CON'])).toEqual([null]);
  expect(kindsOf(['DOWN', 'L4CON'], ['UP', 'L7OK'])).toEqual(['content', 'content']);
  expect(kindsOf(['DOWN', 'L4TOUT'], ['UP', 'L4OK'])).toEqual(['tcp', 'tcp']);
});

function row(name: string, status: string, backup: boolean, checkStatus: string | null = null): ServerRow {
  return {
    ...{ backend: 'b', name, status, backup, address: null, checkStatus, checkDetail: null },
    ...{ fall: null, rise: null, sessions: null, totalSessions: null, secondsSinceChange: null },
  };
}

function serving(...servers: [name: string, status: string, backup: boolean][]) {
  const rows = servers.map((server) => row(...server));
  return proxyOf({ servers: rows })?.backends[0]?.serving;
}

test('all usable active servers serve, and no backup beside them', () => {
  expect(serving(['a', 'UP', false], ['b', 'no check', false], ['c', 'UP', true])).toEqual(['a', 'b']);
});

test('without a usable active server the first usable backup serves', () => {
  expect(serving(['a', 'DOWN', false], ['b', 'MAINT', true], ['c', 'UP', true], ['d', 'UP', true])).toEqual(['c']);
});

test('a server that is going down still serves, one that is coming up or draining does not', () => {
  expect(serving(['a', 'UP 1/3', false])).toEqual(['a']);
  expect(serving(['a', 'DOWN 1/2', false], ['b', 'DRAIN', false], ['c', 'NOLB', false])).toEqual([]);
});
