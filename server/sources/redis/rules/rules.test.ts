/** The findings about Redis and its Sentinels, on the recorded lab; its master is redis@host-2. */
import { describe, expect, test } from 'vitest';
import type { Model } from '#lib/model/model.ts';
import type { RedisNode, RedisService } from '#lib/model/redis.ts';
import type { InfoPayload, SentinelInstance, SentinelPayload } from '#server/sources/redis/payloads.ts';
import {
  ALL,
  answers,
  type Case,
  type Change,
  fails,
  labAfter,
  NOW,
  next,
  ruleBook,
} from '#server/sources/rule-cases.ts';
import { REDIS_RULES } from './all.ts';

const { ruleOf, find, findAll, promisesOf } = ruleBook(REDIS_RULES);
const at = (n: number) => `127.0.1.${n}:6379`;
const info = (n: number) => `redis/results/${at(n)}/info`;
const sentinel = (n: number) => `redis/sentinel@127.0.1.${n}:26379/masters`;

const node = (n: number, change: Partial<InfoPayload>) =>
  answers<InfoPayload>(info(n), (one) => ({ ...one, ...change }));
const isMaster = { role: 'master', linkUp: null, masterAddress: null } as const;
const isReplica = { role: 'replica', linkUp: true, masterAddress: at(1) } as const;
const linkDown = { linkUp: false } as const;

type View = SentinelPayload[number];
const views = (of: readonly number[], changed: (view: View) => View): Change[] =>
  of.map((n) => answers<SentinelPayload>(sentinel(n), (all) => all.map(changed)));

const downIf =
  (address: string, flag = 's_down') =>
  (one: SentinelInstance) =>
    one.address === address ? { ...one, flags: [...one.flags, flag] } : one;

/** These Sentinels call a data node, or a Sentinel, down. */
const callDown = (address: string, of: readonly number[] = ALL) =>
  views(of, ({ master, replicas, peers, ...view }) => ({
    ...view,
    master: master === null ? null : { ...master, ...downIf(address)(master) },
    replicas: replicas.map(downIf(address)),
    peers: peers.map(downIf(address)),
  }));

const nodeDown = (n: number) => [fails(info(n), 'refused'), ...callDown(at(n))];

/** These Sentinels take another node for the master. */
const nameMaster = (n: number, of: readonly number[]) =>
  views(of, (view) => ({ ...view, master: view.master === null ? null : { ...view.master, address: at(n) } }));

const others = (count: number) =>
  views(ALL, (view) => ({ ...view, master: view.master && { ...view.master, otherSentinels: count } }));

const check = (n: number, ok: boolean, tilt = false) => {
  const checks = [{ service: 'results', ok, text: ok ? 'OK 3 usable' : 'NOQUORUM 1 usable' }];
  return next(sentinel(n), () => ({ ok: true, data: { checks, tilt, version: '7.0.15' } }), 'quorum');
};

const SOUND = { priority: 100, wantsReplicas: true, appendOnly: true };

/** The lab with sound settings, and with these changes. */
function estate(
  changes: readonly Change[] = [],
  nodes: Readonly<Record<number, Partial<RedisNode>>> = {},
  service: Partial<RedisService> = {},
): Model {
  const model = labAfter(changes);
  const redisNodes = Object.values(model.redisNodes).map((one) => {
    const n = ALL.find((number) => at(number) === one.address) ?? 0;
    return [one.id, { ...one, ...SOUND, ...nodes[n] }] as const;
  });
  const results = model.redisServices.results as RedisService;
  return {
    ...model,
    redisNodes: Object.fromEntries(redisNodes),
    redisServices: { results: { ...results, ...service } },
  };
}

const SERVICE = 'redisServices/results';
const NODE_1 = `redisNodes/results/${at(1)}`;
const NODE_2 = `redisNodes/results/${at(2)}`;
const SENTINEL_3 = 'sentinels/127.0.1.3:26379';

const ALONE = [node(1, linkDown), node(3, linkDown)];

const CASES: Readonly<Record<string, Case>> = {
  SplitBrainRedis: {
    ...{ when: 'two nodes call themselves master', ill: estate([node(1, isMaster)]), is: SERVICE },
    ...{ unless: 'the other fell silent', well: estate([node(1, isMaster), fails(info(2), 'timeout')]) },
  },
  NoRedisMaster: {
    ...{ when: 'the master refuses connections and nobody follows it', is: SERVICE },
    ill: estate([fails(info(2), 'refused'), ...ALONE]),
    ...{ unless: 'it is only silent to Trellis', well: estate([fails(info(2), 'timeout'), ...ALONE]) },
  },
  RedisNodeDown: {
    ...{ when: 'the agreed master is down', ill: estate(nodeDown(2)), is: NODE_2, severity: 'critical' },
    ...{ unless: 'no Sentinel calls it down', well: estate([fails(info(2), 'timeout')]) },
  },
  RedisNodeUnreachable: {
    ...{
      when: 'the Sentinels reach a node that Trellis does not',
      ill: estate([fails(info(1), 'timeout')]),
      is: NODE_1,
    },
    ...{ unless: 'it is down for all', well: estate(nodeDown(1)) },
  },
  RedisRoleDisputed: {
    ...{ when: 'a node calls itself master and the Sentinels do not', ill: estate([node(1, isMaster)]), is: NODE_1 },
    ...{
      unless: 'those that say otherwise fell silent',
      well: estate([node(1, isMaster), ...ALL.map((n) => fails(sentinel(n), 'timeout'))]),
    },
  },
  RedisLinkDown: {
    ...{ when: 'a replica lost its master', ill: estate([node(1, linkDown)]), is: NODE_1 },
    ...{ unless: 'the node is silent', well: estate([node(1, linkDown), fails(info(1), 'timeout')]) },
  },
  NoRedisReplica: {
    ...{ when: 'no replica follows the master', ill: estate(ALONE), is: SERVICE },
    ...{
      unless: 'one of them is silent and may follow',
      well: estate([node(1, linkDown), fails(info(3), 'timeout'), node(2, { connectedReplicas: 1 })]),
    },
  },
  SentinelDown: {
    ...{ when: 'its peers call a silent Sentinel down', is: SENTINEL_3 },
    ill: estate([fails(sentinel(3), 'timeout'), ...callDown('127.0.1.3:26379', [1, 2])]),
    ...{ unless: 'only Trellis misses it', well: estate([fails(sentinel(3), 'timeout')]) },
  },
  SentinelsDisagree: {
    ...{ when: 'one Sentinel names another master', ill: estate(nameMaster(1, [3])), is: SERVICE },
    ...{ unless: 'all moved on to the other one', well: estate(nameMaster(1, ALL)) },
  },
  SentinelNoQuorum: {
    ...{ when: 'a Sentinel reaches too few others', ill: estate([check(1, true), check(2, false)]), is: SERVICE },
    ...{ unless: 'all reach enough', well: estate([check(1, true), check(2, true)]) },
  },
  SentinelTilt: {
    ...{ when: 'a Sentinel is in TILT mode', ill: estate([check(3, true, true)]), is: SENTINEL_3 },
    ...{ unless: 'it acts', well: estate([check(3, true)]) },
  },
  RedisVersionsDiffer: {
    ...{ when: 'a node is older', ill: estate([node(1, { version: '6.2.14' })]), is: SERVICE },
    ...{ unless: 'a node does not tell', well: estate([node(1, { version: null })]) },
  },
  FewSentinels: {
    ...{ when: 'there are two Sentinels', ill: estate(others(1)), is: SERVICE },
    ...{ unless: 'there are five', well: estate(others(4)) },
  },
  SentinelQuorum: {
    ...{ when: 'one of three decides alone', ill: estate([], {}, { quorum: 1 }), is: SERVICE },
    ...{ unless: 'the quorum is the majority of five', well: estate(others(4), {}, { quorum: 3 }) },
  },
  SentinelDownAfterLong: {
    ...{ when: 'the wait is 30 seconds', ill: estate([], {}, { downAfterMs: 30_000 }), is: SERVICE },
    ...{ unless: 'it is 10 seconds', well: estate([], {}, { downAfterMs: 10_000 }) },
  },
  SentinelDownAfterShort: {
    ...{ when: 'the wait is half a second', ill: estate([], {}, { downAfterMs: 500 }), is: SERVICE },
    ...{ unless: 'it is one second', well: estate([], {}, { downAfterMs: 1_000 }) },
  },
  RedisLosesAcknowledgedWrites: {
    ...{ when: 'a node writes without replicas', ill: estate([], { 2: { wantsReplicas: false } }), is: SERVICE },
    ...{ unless: 'it is not told', well: estate([], { 2: { wantsReplicas: null } }) },
  },
  RedisNotPersistent: {
    ...{ when: 'a node keeps no append-only file', ill: estate([], { 3: { appendOnly: false } }), is: SERVICE },
    ...{ unless: 'it is not told', well: estate([], { 3: { appendOnly: null } }) },
  },
  RedisNeverPromoted: {
    ...{ when: 'no replica may be promoted', is: SERVICE, severity: 'warning' },
    ill: estate([], { 1: { priority: 0 }, 3: { priority: 0 } }),
    ...{ unless: 'only the master has priority 0', well: estate([], { 2: { priority: 0 } }) },
  },
};

describe.each(Object.entries(CASES))('%s', (code, one) => {
  test.each(promisesOf(code, one))('%s', (_, got, wanted) => expect(got()).toEqual(wanted));
});

test('every rule has its case', () => {
  expect(Object.keys(CASES)).toEqual(REDIS_RULES.map(({ code }) => code));
});

test('the whole lab with sound settings has none of them', () => {
  expect(findAll(estate())).toEqual([]);
});

test('a replica that is down is a warning', () => {
  expect(find('RedisNodeDown', estate(nodeDown(1)))).toEqual([`warning RedisNodeDown:${NODE_1}`]);
});

test('a replica that nobody may promote is only a hint while another may', () => {
  expect(find('RedisNeverPromoted', estate([], { 1: { priority: 0 } }))).toEqual([
    `info RedisNeverPromoted:${SERVICE}`,
  ]);
});

test('a quorum above the majority, and an even number of Sentinels, are found too', () => {
  expect(find('SentinelQuorum', estate([], {}, { quorum: 3 }))).toHaveLength(1);
  expect(find('FewSentinels', estate(others(3)))).toHaveLength(1);
});

test('a Sentinel that knows no master disagrees with one that does', () => {
  const blind = views([3], (view) => ({ ...view, master: null, replicas: [] }));
  expect(find('SentinelsDisagree', estate(blind))).toHaveLength(1);
});

test('a Sentinel that refuses connections is down before its peers notice', () => {
  expect(find('SentinelDown', estate([fails(sentinel(3), 'refused')]))).toEqual([`warning SentinelDown:${SENTINEL_3}`]);
});

test('a node that the Sentinels miss and that answers Trellis is found as unreachable', () => {
  expect(find('RedisNodeUnreachable', estate(callDown(at(1))))).toEqual([`warning RedisNodeUnreachable:${NODE_1}`]);
});

test('a master that refuses Trellis while a replica follows it may still be master', () => {
  expect(find('NoRedisMaster', estate([fails(info(2), 'refused')]))).toEqual([]);
});

test('a master whose replicas are silent stands alone when it counts none itself', () => {
  const silent = [1, 3].map((n) => fails(info(n), 'timeout'));
  expect(find('NoRedisReplica', estate([...silent, node(2, { connectedReplicas: 0 })]))).toHaveLength(1);
});

describe('what follows from the end of the master names it, and its host, as the reason', () => {
  const model = estate([...nodeDown(2), ...ALONE]);
  test.each(['NoRedisMaster', 'RedisLinkDown'])('%s', (code) => {
    const because = ruleOf(code).find(model, NOW)[0]?.because;
    expect(because).toContainEqual({ kind: 'redisNodes', id: `results/${at(2)}` });
    expect(because).toContainEqual({ kind: 'hosts', id: 'host-2' });
  });
});

test('the advice for a split brain names the right master and the wrong one', () => {
  const [found] = ruleOf('SplitBrainRedis').find(estate([node(1, isMaster)]), NOW);
  expect(found?.advice.command).toBe('redis-cli -h 127.0.1.1 -p 6379 REPLICAOF 127.0.1.2 6379');
  expect(found?.text).toContain('what is written to redis@host-1 will be lost');
});

test('a switch that everybody followed is no finding', () => {
  const switched = views(ALL, (view) => {
    const { master, replicas } = view;
    const [first] = replicas.filter(({ address }) => address === at(1));
    if (master === null || first === undefined) return view;
    const old = { ...first, address: master.address };
    return {
      ...view,
      master: { ...master, address: at(1) },
      replicas: replicas.map((one) => (one === first ? old : one)),
    };
  });
  const model = estate([...switched, node(1, isMaster), node(2, isReplica), node(3, isReplica)]);
  expect(findAll(model)).toEqual([]);
});

test('settings that no Sentinel tells are no finding', () => {
  const untold = estate([], {}, { quorum: null, downAfterMs: null });
  const codes = ['SentinelQuorum', 'SentinelDownAfterLong', 'SentinelDownAfterShort'];
  expect(codes.flatMap((code) => find(code, untold))).toEqual([]);
});

test('the lab as it was recorded has nothing graver than a hint', () => {
  expect(findAll(labAfter()).filter((found) => !found.startsWith('info '))).toEqual([]);
});
