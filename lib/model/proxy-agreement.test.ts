import { expect, test } from 'vitest';
import type { Proxy, ProxyBackend, ProxyServer } from './haproxy.ts';
import { emptyModel, type Model } from './model.ts';
import { backendColumns, servingProblems } from './proxy-agreement.ts';
import type { Reading } from './reading.ts';
import type { RedisNode, RedisService } from './redis.ts';

const NOW = 100_000;

function reading(key: string, ageMs = 0): Reading {
  const plain = { source: 'haproxy', endpoint: key, name: 'stats', via: null, lacks: null, failure: null } as const;
  return { ...plain, key, intervalMs: 1_000, at: NOW - ageMs, tookMs: 1 };
}

function server(name: string, carries: ProxyBackend['carries'], backup = false): ProxyServer {
  const kind = carries === 'results' ? 'redisNodes' : 'brokerNodes';
  return {
    ...{ name, address: null, backup, status: 'UP', usable: true, checkStatus: null, checkDetail: null },
    check: { kind: null, intervalMs: null, fall: null, rise: null, endsSessions: null },
    ...{ sessions: 0, totalSessions: 0, secondsSinceChange: 0, target: { kind, id: `results/${name}` } },
  };
}

function backend(carries: ProxyBackend['carries'], ...servers: ProxyServer[]): ProxyBackend {
  return { name: carries, carries, servers, serving: servers.map(({ name }) => name) };
}

const proxy = (id: string, ...backends: ProxyBackend[]): Proxy => ({
  id,
  host: null,
  own: id,
  process: null,
  backends,
});
const results = (id: string, ...nodes: string[]) =>
  proxy(id, backend('results', ...nodes.map((name) => server(name, 'results'))));

function estate(proxies: readonly Proxy[], master?: string, silent: readonly string[] = []): Model {
  const named = master === undefined ? [] : [{ by: 'sentinel', value: master }];
  const keys = [...proxies.map(({ id }) => id), 'sentinel'];
  const nodes = proxies.flatMap(({ backends }) => backends.flatMap(({ servers }) => servers));
  return {
    ...emptyModel(),
    readings: Object.fromEntries(keys.map((key) => [key, reading(key, silent.includes(key) ? 20_000 : 0)])),
    proxies: Object.fromEntries(proxies.map((one) => [one.id, one])),
    redisServices: { results: { id: 'results', master: named } as unknown as RedisService },
    redisNodes: Object.fromEntries(
      nodes.map(({ name }) => [`results/${name}`, { id: `results/${name}`, service: 'results' } as RedisNode]),
    ),
  };
}

test('proxies that send results to the master are well', () => {
  expect(servingProblems(estate([results('p1', 'r2'), results('p2', 'r2')], 'r2'), NOW)).toEqual([]);
});

test('a proxy that sends results to another node than the master is named, be it one or the most', () => {
  const problems = servingProblems(estate([results('p1', 'r1'), results('p2', 'r1'), results('p3', 'r2')], 'r2'), NOW);
  expect(problems).toMatchObject([
    { code: 'not-the-master', proxy: 'p1', node: 'results/r1', master: 'results/r2' },
    { code: 'not-the-master', proxy: 'p2' },
  ]);
});

test('where no Sentinel can tell the master, proxies that differ are put side by side', () => {
  expect(servingProblems(estate([results('p1', 'r1'), results('p2', 'r2'), results('p3', 'r2')]), NOW)).toEqual([
    {
      code: 'not-agreed',
      backend: 'results',
      sides: [
        { node: 'results/r1', proxies: ['p1'] },
        { node: 'results/r2', proxies: ['p2', 'p3'] },
      ],
    },
  ]);
});

test('two Redis nodes that serve results at once are two masters', () => {
  expect(servingProblems(estate([results('p1', 'r1', 'r2')], 'r2'), NOW)).toMatchObject([
    { code: 'two-masters', proxy: 'p1', nodes: ['results/r1', 'results/r2'] },
  ]);
});

test('another broker node at each proxy is no problem; a backup that serves and a backend without a server are', () => {
  const broker = (id: string, name: string, backup = false) =>
    proxy(id, backend('broker', server(name, 'broker', backup)));
  const problems = servingProblems(
    estate([broker('p1', 'b1'), broker('p2', 'b2'), broker('p3', 'b1', true), proxy('p4', backend('broker'))]),
    NOW,
  );
  expect(problems.map((one) => `${one.code} ${'proxy' in one ? one.proxy : ''}`)).toEqual([
    'nobody p4',
    'on-backup p3',
  ]);
});

test('no verdict is drawn from a proxy that is silent', () => {
  expect(servingProblems(estate([results('p1', 'r1'), results('p2', 'r2')], 'r2', ['p1']), NOW)).toEqual([]);
});

test('backends of all proxies stand broker first, results next, others last', () => {
  const columns = backendColumns([proxy('p1', backend('other'), backend('results')), proxy('p2', backend('broker'))]);
  expect(columns.map(({ name }) => name)).toEqual(['broker', 'results', 'other']);
});
