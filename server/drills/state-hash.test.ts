/** The hash of a plan: the same while nothing that it rests on changes, another one as soon as something does. */
import { expect, test } from 'vitest';
import type { DrillId } from '#lib/model/drill.ts';
import type { Model } from '#lib/model/model.ts';
import { forecastsOf } from '#server/model/forecast.ts';
import { brokerDown, changed, NOW, RABBIT_3, replicated, toldEstate } from '#server/sources/told-estate.ts';
import { DRILLS } from './catalog/all.ts';
import { drillsConfig } from './config.ts';
import type { Means } from './drill.ts';
import { planOf } from './plan.ts';
import { changesBetween, hashOf } from './state-hash.ts';

const told: Model = { ...toldEstate(), findings: {} };
const whole: Model = { ...told, forecasts: forecastsOf(told, NOW) };
const means: Means = {
  ...{ rabbitmq: true, entrances: true, socketProblem: () => null },
  ...{ verbs: () => ['kill', 'start', 'pause', 'resume'], preview: (verb, { id }) => ['lab', verb, id] },
};

function planned(drill: DrillId, model = whole, now = NOW) {
  const scene = { model, now, settings: drillsConfig.parse({}), means };
  return planOf(DRILLS[drill], null, scene, { off: null, active: null, endedAt: null });
}

test.each(Object.keys(DRILLS) as DrillId[])('%s: time, figures and offsets do not change the plan', (drill) => {
  const busy = changed(changed(whole, 'queues', '/:celery', { ready: 99 }), 'redisNodes', 'results/127.0.1.3:6379', {
    ...{ offset: 7_000_000, opsPerSecond: 3 },
  });
  expect(planned(drill, busy, NOW + 700).plan.stateHash).toBe(planned(drill).plan.stateHash);
});

test.each<[string, DrillId, Model, string]>([
  ['the master moved', 'redis-switch', masterAt('127.0.1.1:6379'), 'master of Redis results'],
  ['a Sentinel doubts', 'redis-switch', sentinelFlag('s_down'), 'sentinel@host-3'],
  ['a queue changed its leader', 'broker-crash', replicated(whole, { leader: RABBIT_3 }), 'queue /:celery'],
  ['a copy fell behind', 'broker-crash', replicated(whole, { inSync: [RABBIT_3] }), 'queue /:celery'],
  ['a node went', 'queue-leader-move', brokerDown(whole, RABBIT_3), 'rabbit-3'],
  ['the lock changed hands', 'beat-handover', changed(whole, 'locks', 'beat', { standbys: [] }), 'lock beat'],
])('%s: another hash, and the change is named', (_, drill, model, what) => {
  const [before, after] = [planned(drill), planned(drill, model)];
  expect(after.plan.stateHash).not.toBe(before.plan.stateHash);
  expect(changesBetween(before.state, after.state).join('; ')).toContain(`${what}: `);
});

test('other calls are another plan, though the estate is the same', () => {
  expect(hashOf({ a: 'b' }, ['one'])).not.toBe(hashOf({ a: 'b' }, ['two']));
  expect(hashOf({ a: 'b', c: 'd' }, [])).toBe(hashOf({ c: 'd', a: 'b' }, []));
});

test('a plan for what is not there is refused, and says so', () => {
  const scene = { model: whole, now: NOW, settings: drillsConfig.parse({}), means };
  const { plan, aimed } = planOf(DRILLS['redis-switch'], 'elsewhere', scene, {
    off: null,
    active: null,
    endedAt: null,
  });
  expect(aimed).toBeNull();
  expect(plan.checks).toMatchObject([
    { level: 'block', text: expect.stringContaining('elsewhere cannot be aimed at') },
  ]);
});

test('the plan of redis-switch is the measured recipe, call by call', () => {
  const { plan } = planned('redis-switch');
  const text = plan.steps.map(({ id, calls, undo }) => ({ id, calls: calls.slice(0, 4), undo: undo.slice(0, 2) }));
  expect(text).toMatchInlineSnapshot(`
    [
      {
        "calls": [],
        "id": "before",
        "undo": [],
      },
      {
        "calls": [
          "redis-cli -h 127.0.1.2 -p 6379 CLIENT PAUSE 1500 WRITE",
        ],
        "id": "hold",
        "undo": [
          "redis-cli -h 127.0.1.2 -p 6379 CLIENT UNPAUSE",
        ],
      },
      {
        "calls": [],
        "id": "offsets",
        "undo": [],
      },
      {
        "calls": [
          "redis-cli -h 127.0.1.2 -p 6379 CLIENT PAUSE 5000 WRITE, until every replica has all of it: 127.0.1.1:6379, 127.0.1.3:6379",
          "redis-cli -h 127.0.1.1 -p 26379 SENTINEL FAILOVER results",
        ],
        "id": "failover",
        "undo": [
          "redis-cli -h 127.0.1.2 -p 6379 REPLICAOF <the new master: 127.0.1.1:6379 or 127.0.1.3:6379>",
          "haproxy-1: set server redis/redis-1 health up if redis-cli -h 127.0.1.1 -p 6379 ROLE says master, otherwise health down, and shutdown sessions",
        ],
      },
      {
        "calls": [
          "redis-cli -h 127.0.1.2 -p 6379 CLIENT PAUSE 5000 WRITE",
          "redis-cli -h 127.0.1.2 -p 6379 REPLICAOF <the new master: 127.0.1.1:6379 or 127.0.1.3:6379>",
          "haproxy-1: set server redis/redis-1 health up; set server redis/redis-2 state maint; shutdown sessions server redis/redis-2",
          "haproxy-2: set server redis/redis-1 health up; set server redis/redis-2 state maint; shutdown sessions server redis/redis-2",
        ],
        "id": "move",
        "undo": [],
      },
      {
        "calls": [
          "redis-cli -h 127.0.1.2 -p 6379 CLIENT UNPAUSE",
        ],
        "id": "release",
        "undo": [],
      },
      {
        "calls": [],
        "id": "whole",
        "undo": [],
      },
      {
        "calls": [
          "haproxy-1: set server redis/redis-2 state ready",
          "haproxy-1: set server redis/redis-2 health down",
          "haproxy-2: set server redis/redis-2 state ready",
          "haproxy-2: set server redis/redis-2 health down",
        ],
        "id": "ready",
        "undo": [],
      },
      {
        "calls": [],
        "id": "after",
        "undo": [],
      },
    ]
  `);
});

test('writes are held back for less than the Sentinels wait until a failover is ordered, and then until it must be over', () => {
  const { plan } = planned('redis-switch', changed(whole, 'redisServices', 'results', { downAfterMs: 2_000 }));
  const pauses = (id: string) =>
    plan.steps.find((step) => step.id === id)?.calls.flatMap((call) => /CLIENT PAUSE (\d+)/.exec(call)?.[1] ?? []);
  expect([pauses('hold'), pauses('failover')]).toEqual([['1500'], ['5000']]);
});

test('a leader is moved by a policy of one name, above all others, with what the old one says beside the mirrors', () => {
  const policy = (name: string, priority: number, definition: Record<string, unknown>) => ({
    [`/:${name}`]: {
      id: `/:${name}`,
      vhost: '/',
      name,
      pattern: '.*',
      appliesTo: 'queues',
      priority,
      definition,
      by: 'x',
    },
  });
  const policies = { ...policy('ha-all', 3, { 'ha-mode': 'all', 'message-ttl': 60_000 }), ...policy('other', 7, {}) };
  const { plan } = planned('queue-leader-move', { ...whole, policies });
  expect(plan.steps.find(({ id }) => id === 'move')?.calls).toMatchInlineSnapshot(`
    [
      "PUT /api/policies/%2F/trellis-move-celery {"pattern":"^celery$","definition":{"message-ttl":60000,"ha-mode":"nodes","ha-params":["rabbit-1@host-1"],"ha-sync-mode":"automatic"},"priority":8,"apply-to":"queues"}",
    ]
  `);
});

function masterAt(address: string): Model {
  const nodes = Object.values(whole.redisNodes).map((node) => {
    const value = node.address === address ? ('master' as const) : ('replica' as const);
    return [node.id, { ...node, role: node.role.map(({ by }) => ({ by, value })) }];
  });
  const master = whole.redisServices.results?.master.map(({ by }) => ({ by, value: address })) ?? [];
  return changed({ ...whole, redisNodes: Object.fromEntries(nodes) }, 'redisServices', 'results', { master });
}

function sentinelFlag(flag: string): Model {
  const views = whole.sentinels['127.0.1.3:26379']?.views.map((view) => ({ ...view, flags: ['master', flag] })) ?? [];
  return changed(whole, 'sentinels', '127.0.1.3:26379', { views });
}
