/** Roles before and after: what moved is a sentence, what came back is none, and what nobody tells is not called changed. */
import { expect, test } from 'vitest';
import type { Model } from '#lib/model/model.ts';
import { changed, NOW, RABBIT_1, RABBIT_3, replicated, silent } from '#server/sources/told-estate.ts';
import { lock, MASTER, queue, REPLICA, role, SENTINEL, servers, service, serving, whole } from './guard-fixture.ts';
import { changesBetween, isAtRest, movedBy, ROLE_KINDS, rolesOf } from './roles.ts';

const before = rolesOf(whole, NOW);

function changesTo(model: Model): string[] {
  return changesBetween(before, rolesOf(model, NOW));
}

function rests(model: Model): boolean {
  return isAtRest(before, rolesOf(model, NOW), ROLE_KINDS);
}

/** Redis with this master, in the word of all. */
function mastered(id: string): Model {
  const roles = Object.values(whole.redisNodes).map((node) => {
    const value = node.id === id ? ('master' as const) : ('replica' as const);
    return [node.id, { ...node, role: node.role.map(({ by }) => ({ by, value })) }] as const;
  });
  const address = whole.redisNodes[id]?.address ?? '';
  const master = service.master.map(({ by }) => ({ by, value: address }));
  return changed({ ...whole, redisNodes: Object.fromEntries(roles) }, 'redisServices', service.id, { master });
}

/** The lab with so many more queues, all led by the same node. */
function withQueues(leader: string, names: readonly string[]): Model {
  const more = names.map((name) => {
    const id = `/:${name}`;
    return [id, { ...queue, id, name, replication: { ...queue.replication, leader } }] as const;
  });
  return { ...whole, queues: { ...whole.queues, ...Object.fromEntries(more) } };
}

function withPolicies(...names: string[]): Model {
  const by = 'rabbitmq/cluster/policies';
  const like = whole.readings['rabbitmq/cluster/queues'] as Model['readings'][string];
  const policy = (name: string) => ({
    ...{ id: `/:${name}`, vhost: '/', name, pattern: 'x', appliesTo: 'queues', priority: 1, definition: {}, by },
  });
  return {
    ...whole,
    readings: { ...whole.readings, [by]: { ...like, key: by, name: 'policies' } },
    policies: Object.fromEntries(names.map((name) => [`/:${name}`, policy(name)])),
  };
}

test('everything that a drill can move is told, by the names that people read', () => {
  expect(before).toMatchObject({
    master: { results: { '': 'redis@host-2' } },
    leader: { '': { celery: 'rabbit-2' } },
    lock: { beat: { '': 'host-2' } },
    consul: { consul: { '': 'consul-2' } },
    entrance: { redis: { 'haproxy-1': 'redis-2', 'haproxy-3': 'redis-2' }, amqp: { 'haproxy-1': 'rabbit-1' } },
    server: { 'redis/redis-2': { 'haproxy-1': 'ready' }, 'amqp/rabbit-1': { 'haproxy-3': 'ready' } },
    policy: {},
  });
});

test('nothing is another way where nothing moved, or everything came back', () => {
  expect(changesTo(whole)).toEqual([]);
  expect(changesBetween(before, JSON.parse(JSON.stringify(before)))).toEqual([]);
});

test.each<[string, Model, string]>([
  ['a master', mastered(REPLICA), 'results: redis@host-2 was master, redis@host-1 is.'],
  ['a leader', replicated(whole, { leader: RABBIT_1 }), 'celery was led by rabbit-2, now by rabbit-1.'],
  ['a queue without leader', replicated(whole, { leader: null }), 'celery was led by rabbit-2, now by nobody.'],
  [
    'a lock',
    changed(whole, 'locks', 'beat', { holder: lock.standbys[0] ?? null }),
    `Lock beat: host-2 held it, ${lock.standbys[0]?.host} does.`,
  ],
  [
    'a lock that nobody holds',
    changed(whole, 'locks', 'beat', { holder: null }),
    'Lock beat: host-2 held it, nobody does.',
  ],
  [
    'Consul without leader',
    changed(whole, 'coordinators', 'consul', {
      leader: whole.coordinators.consul?.leader.map(({ by }) => ({ by, value: '' })) ?? [],
    }),
    'Consul: consul-2 led it, nobody does.',
  ],
  ['where a proxy sends', serving(whole, ['redis-1']), 'haproxy-3 sent redis to redis-2, now to redis-1.'],
  [
    'what a proxy has set aside',
    servers(whole, 'haproxy-3', 'redis', ({ name }) => (name === 'redis-2' ? { status: 'MAINT' } : {})),
    'redis/redis-2 was ready at haproxy-3, now it is maint.',
  ],
])('%s that is another way is one sentence', (_, model, text) => {
  expect(changesTo(model)).toEqual([text]);
});

test('queues that moved alike are one sentence with their number', () => {
  const names = Array.from({ length: 12 }, (_, i) => `q${i + 10}`);
  const was = rolesOf(withQueues(RABBIT_1, names), NOW);
  expect(changesBetween(was, rolesOf(withQueues(RABBIT_3, names), NOW))).toEqual([
    '12 queues were led by rabbit-1, now by rabbit-3: q10, q11, q12 and 9 more.',
  ]);
});

test('queues may be called anything', () => {
  const names = ['constructor', '__proto__'];
  const was = JSON.parse(JSON.stringify(rolesOf(withQueues(RABBIT_1, names), NOW)));
  expect(changesBetween(was, rolesOf(withQueues(RABBIT_3, names), NOW))).toEqual([
    '2 queues were led by rabbit-1, now by rabbit-3: __proto__ and constructor.',
  ]);
  expect(changesBetween(was, before)).toEqual([
    'It cannot be told now: who leads 2 queues: __proto__ and constructor.',
  ]);
});

test('a temporary policy that is left is said, one that is gone is not', () => {
  const left = rolesOf(withPolicies('all', 'trellis-move-celery'), NOW);
  const none = rolesOf(withPolicies('all'), NOW);
  expect(changesBetween(none, left)).toEqual(['A temporary policy is left: trellis-move-celery.']);
  expect(changesBetween(left, none)).toEqual([]);
  expect([isAtRest(none, left, ['policy']), isAtRest(left, none, ['policy'])]).toEqual([false, true]);
});

test('what nobody tells any more is not called changed, and is said; what nobody told before is not', () => {
  const quiet = silent(
    whole,
    (key) => key.startsWith('redis/') || key.startsWith('rabbitmq/') || key.includes('haproxy-3'),
  );
  expect(changesTo(quiet)).toEqual([
    'It cannot be told now: who is master of results; who leads celery; where haproxy-3 sends amqp and redis; how 6 servers at haproxy-3 are set.',
  ]);
  expect(changesBetween(rolesOf(quiet, NOW), before)).toEqual([]);
});

test('with two masters nobody can tell who will be it', () => {
  expect(rolesOf(role(REPLICA, 'master'), NOW).master).toEqual({ results: { '': null } });
  expect(rolesOf(role(MASTER, 'master'), NOW).master).toEqual({ results: { '': 'redis@host-2' } });
});

test.each<[string, Model, boolean]>([
  ['nothing moved', whole, true],
  ['a role arrived elsewhere', mastered(REPLICA), true],
  ['two are master', role(REPLICA, 'master'), false],
  ['nobody leads', replicated(whole, { leader: null }), false],
  ['nobody holds the lock', changed(whole, 'locks', 'beat', { holder: null }), false],
  ['a proxy sends to another one', serving(whole, ['redis-1']), true],
  ['a proxy sends to two', serving(whole, ['redis-1', 'redis-2']), false],
  ['a proxy sends to nobody', serving(whole, []), false],
  ['a server is not put back', servers(whole, 'haproxy-1', 'amqp', () => ({ status: 'DRAIN' })), false],
  ['a Sentinel is silent', silent(whole, (key) => key.includes(SENTINEL)), true],
  ['the broker is silent', silent(whole, (key) => key.startsWith('rabbitmq/')), false],
])('at rest, or not: %s', (_, model, isSo) => {
  expect(rests(model)).toBe(isSo);
});

test('a broker’s entrance that serves from a backup is not at rest: the first one is on its way back', () => {
  const amqp = (names: readonly string[]) => {
    const backends = (whole.proxies['haproxy-1']?.backends ?? []).map((one) =>
      one.name === 'amqp' ? { ...one, serving: names } : one,
    );
    return changed(whole, 'proxies', 'haproxy-1', { backends });
  };
  expect(rests(amqp(['rabbit-2']))).toBe(false);
  expect(changesTo(amqp(['rabbit-2']))).toEqual(['haproxy-1 sent amqp to rabbit-1, now to rabbit-2 (a backup).']);
});

test('only what a drill is about is waited for', () => {
  const quiet = rolesOf(
    silent(whole, (key) => key.startsWith('consul/')),
    NOW,
  );
  expect(isAtRest(before, quiet, movedBy({ targetKind: 'redisServices' }))).toBe(true);
  expect(isAtRest(before, quiet, movedBy({ targetKind: 'locks' }))).toBe(false);
  expect(isAtRest(before, quiet, movedBy({ targetKind: 'hosts' }))).toBe(false);
});
