/** The findings about HAProxy, on the recorded lab; its Redis master is redis-2, every proxy's own broker is its primary. */
import { describe, expect, test } from 'vitest';
import { findingId } from '#lib/model/finding.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Proxy, ProxyServer, ServerCheck } from '#lib/model/haproxy.ts';
import type { Model } from '#lib/model/model.ts';
import type { ProbeCode } from '#lib/model/reading.ts';
import { type FoldState, fold } from '#server/model/fold.ts';
import type { Observation } from '#server/model/observation.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { FIXTURE_AT } from '#server/sources/fixture.ts';
import type { ServerRow, StatsPayload } from '#server/sources/haproxy/payloads.ts';
import { LAB_REDUCERS, wholeEstate } from '#server/sources/whole-estate.ts';
import { HAPROXY_RULES } from './all.ts';

const NOW = FIXTURE_AT + 1_001;
const ALL = [1, 2, 3];
const stats = (n: number) => `haproxy/haproxy-${n}/stats`;
const sentinel = (n: number) => `redis/sentinel@127.0.1.${n}:26379/masters`;

type Change = (state: FoldState) => FoldState;

/** The next answer of a reading, or its failure, a moment after the one before. */
function next(key: string, outcome: (data: unknown) => object): Change {
  return (state) => {
    const before = state.latest.get(key);
    if (before === undefined) throw new Error(`nothing recorded for ${key}`);
    const { source, endpoint, name, intervalMs, at, failure } = before.reading;
    const head = { source, endpoint, reading: name, intervalMs, tookMs: 1 };
    const observation = { ...head, at: (failure?.at ?? at ?? 0) + 1, ...outcome(before.data) };
    return fold(state, observation as Observation, LAB_REDUCERS);
  };
}

const fails = (key: string, code: ProbeCode) => next(key, () => ({ ok: false, code, message: `was ${code}` }));
const silentSentinels = ALL.map((n) => fails(sentinel(n), 'timeout'));

/** What a proxy says of its servers, by their names; `amqp` and `redis` mean all of a backend. */
type States = Readonly<Record<string, string>>;
const says = (n: number, states: States) =>
  next(stats(n), (data) => ({
    ok: true,
    data: {
      servers: (data as StatsPayload).servers.map(
        (row): ServerRow => ({ ...row, status: states[row.name] ?? states[row.backend] ?? row.status }),
      ),
    },
  }));

/** Only these servers of this proxy's backends are there. */
const knows = (n: number, names: readonly string[]) =>
  next(stats(n), (data) => ({
    ok: true,
    data: { servers: (data as StatsPayload).servers.filter(({ name }) => names.includes(name)) },
  }));

/** The broker node refuses, and the others say that it does not run. */
const brokerDown = (n: number): Change[] => [
  ...['nodes', 'amqp'].map((reading) => fails(`rabbitmq/rabbit-${n}@host-${n}/${reading}`, 'refused')),
  ...ALL.filter((other) => other !== n).map((other) =>
    next(`rabbitmq/rabbit-${other}@host-${other}/nodes`, (data) => ({
      ok: true,
      data: (data as { name: string }[]).map((node) =>
        node.name === `rabbit-${n}@host-${n}` ? { ...node, running: false } : node,
      ),
    })),
  ),
];

const SOUND: ServerCheck = { kind: 'content', intervalMs: 1_000, fall: 3, rise: 2, endsSessions: true };

/** The lab with sound checks, and with these changes; `check` changes the check of all servers of a backend. */
function estate(changes: readonly Change[] = [], check: Readonly<Record<string, Partial<ServerCheck>>> = {}): Model {
  const { model } = changes.reduce((state, change) => change(state), wholeEstate());
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

function ruleOf(code: string): Rule {
  const rule = HAPROXY_RULES.find((one) => one.code === code);
  if (rule === undefined) throw new Error(`no rule ${code}`);
  return rule;
}

const idOf = (rule: Rule, { severity = rule.severity, subject }: Found) =>
  `${severity} ${findingId(rule.code, subject)}`;
const find = (code: string, model: Model, now = NOW) => {
  const rule = ruleOf(code);
  return rule.find(model, now).map((found) => idOf(rule, found));
};

const PROXY = 'proxies/haproxy-1';
const MOVED = { 'redis-2': 'DOWN', 'redis-1': 'UP' };

type Case = { when: string; ill: Model; is: string; unless: string; well: Model };

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

describe.each(Object.entries(CASES))('%s', (code, { when, ill, is, unless, well }) => {
  test(`is found when ${when}`, () => {
    expect(find(code, ill)).toEqual([`${ruleOf(code).severity} ${code}:${is}`]);
  });

  test(`is not found when ${unless}`, () => {
    expect(find(code, well)).toEqual([]);
  });

  test('rests on somebody who speaks for the present, and names names', () => {
    for (const { text, evidence, advice } of ruleOf(code).find(ill, NOW)) {
      const isTold = evidence.some(({ by }) => isCurrent(ill.readings[by], NOW));
      expect(isTold || (evidence.length > 0 && ruleOf(code).aboutSilence === true), text).toBe(true);
      expect(text).toMatch(/haproxy-1|host-1/);
      expect(`${text} ${advice.text} ${advice.command}`).not.toMatch(/undefined|NaN|null:|Infinity/);
    }
  });

  test('is not found in answers that are too old', () => {
    expect(find(code, ill, NOW + 60_000)).toEqual([]);
  });
});

test('every rule has its case', () => {
  expect(Object.keys(CASES)).toEqual(HAPROXY_RULES.map(({ code }) => code));
});

test('the whole lab with sound checks has none of them', () => {
  expect(HAPROXY_RULES.flatMap((rule) => find(rule.code, estate()))).toEqual([]);
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
  const { model } = wholeEstate();
  const severities = HAPROXY_RULES.flatMap((rule) => rule.find(model, NOW).map((one) => one.severity ?? rule.severity));
  expect(severities.filter((severity) => severity !== 'info')).toEqual([]);
});
