import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { consulToken, proxiesWithSocket, proxySocket, redisLogin, sentinelLogin } from './acting.ts';
import { loadConfig } from './load.ts';

const dir = mkdtempSync(join(tmpdir(), 'trellis-acting-'));
afterAll(() => rmSync(dir, { recursive: true }));

const READING = `estate: { name: shop }
redis: { results: { sentinels: [10.0.0.1:26379], master: m, user: r, password: rp, sentinelUser: s, sentinelPassword: sp } }
haproxy: [{ name: web-1, stats: "http://10.0.0.1:8404/;csv", socket: 10.0.0.1:9999 }, { stats: "http://10.0.0.2:8404/;csv" }]
consul: { agents: [http://10.0.0.1:8500], token: reads }
`;

function load(acting: string) {
  const path = join(dir, 'trellis.yaml');
  writeFileSync(path, READING + acting);
  return loadConfig(path, { ACT: 'from the environment' });
}

test('where acting: says nothing, what reads also acts', () => {
  for (const acting of ['', 'acting: {}']) {
    const config = load(acting);
    expect(redisLogin('results', config)).toEqual({ user: 'r', password: 'rp' });
    expect(sentinelLogin('results', config)).toEqual({ user: 's', password: 'sp' });
    expect(proxySocket('web-1', config)).toBe('10.0.0.1:9999');
    expect(proxiesWithSocket(config)).toEqual(['web-1']);
    expect(consulToken(config)).toBe('reads');
  }
});

test('what acting: names is acted with, and its secrets may be elsewhere', () => {
  const config = load(`acting:
  redis: { results: { user: a, password: { env: ACT }, sentinelPassword: asp } }
  haproxy: { web-1: 10.0.0.1:9998, "10.0.0.2:8404": 10.0.0.2:9998 }
  consul: { token: { env: ACT } }`);
  expect(redisLogin('results', config)).toEqual({ user: 'a', password: 'from the environment' });
  expect(sentinelLogin('results', config)).toEqual({ user: undefined, password: 'asp' });
  expect(['web-1', '10.0.0.2:8404'].map((one) => proxySocket(one, config))).toEqual(['10.0.0.1:9998', '10.0.0.2:9998']);
  expect(proxiesWithSocket(config)).toEqual(['web-1', '10.0.0.2:8404']);
  expect(consulToken(config)).toBe('from the environment');
});

test('only a part may be another: the rest stays what reads', () => {
  const config = load('acting: { redis: { results: { user: a, password: ap } } }');
  expect(redisLogin('results', config)).toEqual({ user: 'a', password: 'ap' });
  expect(sentinelLogin('results', config)).toEqual({ user: 's', password: 'sp' });
});

test('a token for a Consul that is not watched is refused', () => {
  writeFileSync(join(dir, 'alone.yaml'), 'estate: { name: a }\nacting: { consul: { token: t } }\n');
  expect(() => loadConfig(join(dir, 'alone.yaml'), {})).toThrow('acting.consul: there is no consul: section');
});

test.each(['in place', 'env'])('a secret of more than one line is refused, and not shown (%s)', (how) => {
  const token = how === 'env' ? '{ env: TWO }' : '"s3cret\\nmore"';
  const path = join(dir, 'lines.yaml');
  writeFileSync(path, `${READING}acting: { consul: { token: ${token} } }\n`);
  const load = () => loadConfig(path, { TWO: 's3cret\nmore' });
  expect(load).toThrow(/acting\.consul\.token: .*line/);
  expect(load).not.toThrow(/s3cret/);
});

test.each([
  ['redis: { cache: { password: p } }', 'acting.redis.cache: cache is not under redis:'],
  ['redis: { results: { user: a } }', 'acting.redis.results.password: missing'],
  ['redis: { results: { sentinelUser: a } }', 'acting.redis.results.sentinelPassword: missing'],
  ['haproxy: { web-9: 10.0.0.9:9998 }', 'acting.haproxy.web-9: no proxy under haproxy: has this name'],
  ['haproxy: { web-1: 10.0.0.1 }', 'acting.haproxy.web-1: write it as address:port'],
  ['rabbitmq: { user: a, password: p }', 'acting.rabbitmq: there is no rabbitmq: section'],
  ['consul: {}', 'acting.consul.token: '],
  ['consul: { token: { env: GONE } }', 'acting.consul.token: '],
])('%s is refused, with its key', (acting, message) => {
  expect(() => load(`acting: { ${acting} }`)).toThrow(message);
});
