/** The findings about HAProxy, on the recorded lab; its Redis master is redis-2, every proxy's own broker is its primary. */
import { describe, expect, test } from 'vitest';
import type { Proxy, ProxyServer, ServerCheck } from '#lib/model/haproxy.ts';
import type { Model } from '#lib/model/model.ts';
import type { ServerRow, StatsPayload } from '#server/sources/haproxy/payloads.ts';
import { ALL, answers, type Case, type Change, fails, labAfter, NOW, ruleBook } from '#server/sources/rule-cases.ts';
import { HAPROXY_RULES } from './all.ts';

const { ruleOf, find, findAll, promisesOf } = ruleBook(HAPROXY_RULES);
const stats = (n: number) => `haproxy/haproxy-${n}/stats`;
const sentinel = (n: number) => `redis/sentinel@127.0.1.${n}:26379/masters`;

const silentSentinels = ALL.map((n) => fails(sentinel(n), 'timeout'));

/** What a proxy says of its servers, by their names; `amqp` and `redis` mean all of a backend. */
type States = Readonly<Record<string, string>>;
const says = (n: number, states: States) =>
  answers<StatsPayload>(stats(n), ({ servers }) => ({
    servers: servers.map(
      (row): ServerRow => ({ ...row, status: states[row.name] ?? states[row.backend] ?? row.status }),
    ),
  }));

/** Only these servers of this proxy's backends are there. */
const knows = (n: number, names: readonly string[]) =>
  answers<StatsPayload>(stats(n), ({ servers }) => ({ servers: servers.filter(({ name }) => names.includes(name)) }));

/** The broker node refuses, and the others say that it does not run. */
const brokerDown = (n: number): Change[] => [
  ...['nodes', 'amqp'].map((reading) => fails(`rabbitmq/rabbit-${n}@host-${n}/${reading}`, 'refused')),
  ...ALL.filter((other) => other !== n).map((other) =>
    answers<{ name: string }[]>(`rabbitmq/rabbit-${other}@host-${other}/nodes`, (nodes) =>
      nodes.map((node) => (node.name === `rabbit-${n}@host-${n}` ? { ...node, running: false } : node)),
    ),
  ),
];

const SOUND: ServerCheck = { kind: 'content', intervalMs: 1_000, fall: 3, rise: 2, endsSessions: true };

/** The lab with sound checks, and with these changes; `check` changes the check of all servers of a backend. */
function estate(changes: readonly Change[] = [], check: Readonly<Record<string, Partial<ServerCheck>>> = {}): Model {
  const model = labAfter(changes);
  const withCheck = (proxy: Proxy): Proxy => ({
    ...proxy,
    backends: proxy.backends.map((backend) => ({
      ...backend,
      servers: backend.servers.map((one): ProxyServer => ({ ...one, check: { ...SOUND, ...check[backend.name] } })),
    })),
  });
  const proxies = Object.values(model.proxies).map((proxy) => [proxy.id, withCheck(proxy)] as const);
  return { ...model, proxies: Object.fromEntries(proxies) };
}

const PROXY = 'proxies/haproxy-1';
const MOVED = { 'redis-2': 'DOWN', 'redis-1': 'UP' };

const CASES: Readonly<Record<string, Case>> = {
  ProxyDown: {
    ...{ when: 'its address refuses connections', ill: estate([fails(stats(1), 'refused')]), is: PROXY },
    ...{ unless: 'it is only silent', well: estate([fails(stats(1), 'timeout')]) },
  },
  ProxyServesNobody: {
    ...{ when: 'no broker is usable', ill: estate([says(1, { amqp: 'DOWN' })]), is: `${PROXY}#amqp` },
    ...{ unless: 'one still is, though failing', well: estate([says(1, { amqp: 'DOWN', 'rabbit-3': 'UP 1/3' })]) },
  },
  ProxyTwoMasters: {
    ...{ when: 'results go to two nodes', ill: estate([says(1, { 'redis-1': 'UP' })]), is: `${PROXY}#redis` },
    ...{ unless: 'two brokers serve', well: estate([says(1, { amqp: 'UP' })]) },
  },
  ProxyPastMaster: {
    ...{ when: 'results go past the agreed master', ill: estate([says(1, MOVED)]), is: `${PROXY}#redis` },
    ...{ unless: 'no Sentinel names a master', well: estate([says(1, MOVED), ...silentSentinels]) },
  },
  ProxiesDisagree: {
    ...{ when: 'they send to different nodes and nobody knows the master', is: `${PROXY}#redis` },
    ill: estate([says(1, MOVED), ...silentSentinels]),
    ...{ unless: 'all send to one node', well: estate(silentSentinels) },
  },
  ProxyOnBackup: {
    ...{ when: 'the primary is down', ill: estate([says(1, { 'rabbit-1': 'DOWN' })]), is: `${PROXY}#amqp` },
    ...{ unless: 'a backup is down', well: estate([says(1, { 'rabbit-3': 'DOWN' })]) },
  },
  LastUsableServer: {
    ...{ when: 'one of three brokers is usable', is: `${PROXY}#amqp` },
    ill: estate([says(1, { 'rabbit-2': 'DOWN', 'rabbit-3': 'MAINT' })]),
    ...{ unless: 'two of three are', well: estate([says(1, { 'rabbit-3': 'DOWN' })]) },
  },
  ProxyServerDown: {
    ...{
      when: 'the broker behind it runs',
      ill: estate([says(1, { 'rabbit-3': 'DOWN' })]),
      is: `${PROXY}#amqp/rabbit-3`,
    },
    ...{ unless: 'that broker is down', well: estate([says(1, { 'rabbit-3': 'DOWN' }), ...brokerDown(3)]) },
  },
  ProxyOnDeadServer: {
    ...{ when: 'its own broker is down and its check passes', ill: estate(brokerDown(1)), is: `${PROXY}#amqp` },
    ...{ unless: 'it uses a backup', well: estate([says(1, { 'rabbit-1': 'DOWN' }), ...brokerDown(1)]) },
  },
  ProxyServerInMaintenance: {
    ...{ when: 'somebody drains a server', ill: estate([says(1, { 'rabbit-3': 'DRAIN' })]), is: PROXY },
    ...{ unless: 'its name has no address', well: estate([says(1, { 'rabbit-3': 'MAINT (resolution)' })]) },
  },
  TcpOnlyCheck: {
    ...{ when: 'an open port is enough for a broker', ill: estate([], { amqp: { kind: 'tcp' } }), is: PROXY },
    ...{ unless: 'the kind is not told', well: estate([], { amqp: { kind: null } }) },
  },
  UncheckedServer: {
    ...{ when: 'servers are not checked', ill: estate([], { redis: { kind: 'none' } }), is: PROXY },
    ...{ unless: 'an open port is asked for', well: estate([], { redis: { kind: 'tcp' } }) },
  },
  NoBackupServer: {
    ...{ when: 'a backend has one server', ill: estate([knows(1, ['rabbit-1', 'redis-1', 'redis-2'])]), is: PROXY },
    ...{ unless: 'it has two', well: estate([knows(1, ['rabbit-1', 'rabbit-2', 'redis-1', 'redis-2'])]) },
  },
  SessionsSurvive: {
    ...{
      when: 'sessions stay on a server that is down',
      ill: estate([], { redis: { endsSessions: false } }),
      is: PROXY,
    },
    ...{ unless: 'it is not told', well: estate([], { redis: { endsSessions: null } }) },
  },
  SlowCheck: {
    ...{ when: 'a master is missed after 15 seconds', ill: estate([], { redis: { intervalMs: 5_000 } }), is: PROXY },
    ...{ unless: 'the interval is not told', well: estate([], { redis: { intervalMs: null, fall: 100 } }) },
  },
};

describe.each(Object.entries(CASES))('%s', (code, one) => {
  test.each(promisesOf(code, one, /haproxy-1|host-1/))('%s', (_, got, wanted) => expect(got()).toEqual(wanted));
});

test('every rule has its case', () => {
  expect(Object.keys(CASES)).toEqual(HAPROXY_RULES.map(({ code }) => code));
});

test('the whole lab with sound checks has none of them', () => {
  expect(findAll(estate())).toEqual([]);
});

test('a setting that all proxies share is one finding that names them all', () => {
  const found = ruleOf('TcpOnlyCheck').find(estate([], { amqp: { kind: 'tcp' } }), NOW);
  expect(found.map(({ text }) => text)).toEqual([expect.stringContaining('haproxy-1, haproxy-2 and haproxy-3')]);
});

test('replicas that fail the check for a master are no loss of redundancy', () => {
  expect(find('LastUsableServer', estate())).toEqual([]);
});

test('a broker that is down explains what the proxies miss', () => {
  const model = estate([says(1, { 'rabbit-1': 'DOWN', 'rabbit-3': 'DOWN' }), ...brokerDown(1)]);
  for (const code of ['ProxyOnBackup', 'LastUsableServer']) {
    expect(ruleOf(code).find(model, NOW)[0]?.because).toContainEqual({ kind: 'brokerNodes', id: 'rabbit-1@host-1' });
    expect(ruleOf(code).find(model, NOW)[0]?.because).toContainEqual({ kind: 'hosts', id: 'host-1' });
  }
});

test('the service explains that a proxy finds no master', () => {
  const [found] = ruleOf('ProxyServesNobody').find(estate([says(1, { redis: 'DOWN' })]), NOW);
  expect(found?.because).toContainEqual({ kind: 'redisServices', id: 'results' });
});

test('the advice takes the wrong master out and ends its sessions', () => {
  const [found] = ruleOf('ProxyTwoMasters').find(estate([says(1, { 'redis-1': 'UP' })]), NOW);
  expect(found?.advice.command).toContain('echo "set server redis/redis-1 state maint" |');
  expect(found?.advice.command).toContain('echo "shutdown sessions server redis/redis-1" |');
  expect(found?.advice.command).not.toMatch(/redis-[23]/);
});

test('the only server of a backend is a setting, not the last that is left', () => {
  const model = estate([knows(1, ['rabbit-1', 'redis-1', 'redis-2'])]);
  expect(find('LastUsableServer', model)).toEqual([]);
});

test('the lab as it was recorded has nothing graver than a hint', () => {
  expect(findAll(labAfter()).filter((found) => !found.startsWith('info '))).toEqual([]);
});
