import { expect, test } from 'vitest';
import { answered, FIXTURE_CONTEXT, fixtureText } from '#server/sources/fixture.ts';
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

function serving(...servers: [name: string, status: string, backup: boolean][]) {
  const rows = servers.map(
    ([name, status, backup]): ServerRow => ({
      ...{ backend: 'b', name, status, backup, address: null, checkStatus: null, checkDetail: null },
      ...{ fall: null, rise: null, sessions: null, totalSessions: null, secondsSinceChange: null },
    }),
  );
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
