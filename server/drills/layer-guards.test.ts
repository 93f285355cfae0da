/** The guards of Redis, brokers, proxies, Consul and workers: they pass the healthy estate, else name what is wrong. */
import { expect, test } from 'vitest';
import type { RedisNode, Sentinel } from '#lib/model/redis.ts';
import {
  brokerDown,
  changed,
  NOW,
  RABBIT_1,
  RABBIT_2,
  RABBIT_3,
  replicated,
  silent,
} from '#server/sources/told-estate.ts';
import {
  brokerAtPeace,
  copiesElsewhere,
  majorityStays,
  movable,
  redundancyWhole,
  shortEnough,
} from './broker-guards.ts';
import {
  judged,
  lock,
  MASTER,
  policed,
  queue,
  REPLICA,
  role,
  SENTINEL,
  servers,
  service,
  serving,
  standing,
  TARGET,
  view,
  whole,
  workersLeft,
} from './guard-fixture.ts';
import {
  consulTolerates,
  nothingTakenOut,
  otherProxyStands,
  otherServerStands,
  otherWorkers,
  serverInService,
  socketsFor,
  standbyWaits,
} from './other-guards.ts';
import {
  candidates,
  heirsInService,
  noFailoverUnderWay,
  oneMaster,
  proxiesOnMaster,
  replicaInSync,
  restartKeepsData,
  sentinelsReady,
} from './redis-guards.ts';

const synced = policed({ 'ha-mode': 'all', 'ha-sync-mode': 'automatic' });
const master = whole.redisNodes[MASTER] as RedisNode;
const heirs = candidates(service, master, whole, NOW);

/** What the guard is, what passes it, and what does not: the text names the culprit. */
const CASES: readonly [name: string, pass: string, other: string, says: string][] = [
  [
    'one master',
    judged(oneMaster(service)),
    judged(oneMaster(service), role(REPLICA, 'master')),
    'redis@host-1 and redis@host-2 all call themselves master',
  ],
  [
    'no master',
    judged(oneMaster(service)),
    judged(oneMaster(service), role(MASTER, 'replica')),
    'Who is master is not agreed',
  ],
  [
    'silent Sentinel',
    judged(sentinelsReady(service)),
    judged(
      sentinelsReady(service),
      silent(whole, (key) => key.includes(SENTINEL)),
    ),
    'sentinel@host-3 does not answer',
  ],
  [
    'TILT',
    judged(sentinelsReady(service)),
    judged(sentinelsReady(service), changed(whole, 'sentinels', SENTINEL, { tilt: true })),
    'sentinel@host-3 is in TILT mode',
  ],
  [
    'quorum',
    judged(sentinelsReady(service)),
    judged(sentinelsReady(service), view(whole, { quorum: { ok: false, text: 'NOQUORUM' } })),
    'sentinel@host-3 sees no quorum: NOQUORUM',
  ],
  [
    'few Sentinels',
    judged(sentinelsReady(service)),
    judged(sentinelsReady(service), { ...whole, sentinels: { [SENTINEL]: whole.sentinels[SENTINEL] as Sentinel } }),
    'Only 1 Sentinels',
  ],
  [
    'failover under way',
    judged(noFailoverUnderWay(service)),
    judged(noFailoverUnderWay(service), view(whole, { flags: ['master', 'failover_in_progress'] })),
    'sentinel@host-3 says master, failover_in_progress',
  ],
  [
    'no candidate',
    judged(replicaInSync(service)),
    judged(
      replicaInSync({ ...service }),
      changed(changed(whole, 'redisNodes', REPLICA, { linkUp: false }), 'redisNodes', 'results/127.0.1.3:6379', {
        priority: 0,
      }),
    ),
    'No replica of redis@host-2 follows it',
  ],
  [
    'lag',
    judged(replicaInSync(service)),
    judged(replicaInSync(service), changed(whole, 'redisNodes', REPLICA, { offset: 1_000_000 })),
    'redis@host-1 is 5.5 MB behind',
  ],
  [
    'proxies past the master',
    judged(proxiesOnMaster(service)),
    judged(proxiesOnMaster(service), serving(whole, ['redis-1'])),
    'haproxy-3 sends results to redis-1',
  ],
  [
    'proxies on two',
    judged(proxiesOnMaster(service)),
    judged(proxiesOnMaster(service), serving(whole, ['redis-1', 'redis-2'])),
    'haproxy-3 sends results to redis-1 or redis-2',
  ],
  [
    'possible new master in maintenance',
    judged(heirsInService(heirs)),
    judged(heirsInService(heirs), standing('haproxy-3', 'redis', 'redis-1', 'MAINT')),
    'haproxy-3 has redis/redis-1 in MAINT. With redis@host-1 as master nobody would be served there: set it ready first.',
  ],
  [
    'possible new master in drain',
    judged(heirsInService(heirs), standing('haproxy-3', 'redis', 'redis-2', 'DRAIN')),
    judged(heirsInService(heirs), standing('haproxy-3', 'redis', 'redis-1', 'DRAIN')),
    'haproxy-3 has redis/redis-1 in DRAIN',
  ],

  [
    'copies elsewhere',
    judged(copiesElsewhere(RABBIT_2)),
    judged(copiesElsewhere(RABBIT_2), replicated(whole, { inSync: [RABBIT_2] })),
    'rabbit-2 alone has all of celery (12 messages)',
  ],
  [
    'copies of others',
    judged(copiesElsewhere(RABBIT_1), replicated(whole, { inSync: [RABBIT_2] })),
    judged(copiesElsewhere(RABBIT_2), replicated(whole, { inSync: [RABBIT_2] })),
    'rabbit-2 alone',
  ],
  [
    'redundancy',
    judged(redundancyWhole),
    judged(redundancyWhole, replicated(whole, { inSync: [RABBIT_1, RABBIT_2] })),
    'celery lacks 1 of 3 copies in sync (12 messages)',
  ],
  [
    'leaderless',
    judged(redundancyWhole),
    judged(redundancyWhole, replicated(whole, { leader: null })),
    'celery has no leader',
  ],
  [
    'memory alarm',
    judged(brokerAtPeace),
    judged(brokerAtPeace, changed(whole, 'brokerNodes', RABBIT_3, { memoryAlarm: true })),
    'rabbit-3 has a memory alarm',
  ],
  [
    'disk alarm',
    judged(brokerAtPeace),
    judged(brokerAtPeace, changed(whole, 'brokerNodes', RABBIT_3, { diskAlarm: true })),
    'rabbit-3 has a disk alarm',
  ],
  [
    'drained node',
    judged(brokerAtPeace),
    judged(brokerAtPeace, changed(whole, 'brokerNodes', RABBIT_3, { beingDrained: true })),
    'rabbit-3 is being drained',
  ],
  [
    'partition',
    judged(brokerAtPeace),
    judged(
      brokerAtPeace,
      changed(whole, 'brokerNodes', RABBIT_3, { partitions: [{ by: `rabbitmq/${RABBIT_3}/nodes`, value: RABBIT_1 }] }),
    ),
    `rabbit-3 was cut off from ${RABBIT_1}`,
  ],
  [
    'majority',
    judged(majorityStays(RABBIT_1)),
    judged(majorityStays(RABBIT_1), brokerDown(whole, RABBIT_2)),
    '1 of 3 broker nodes would be left: no majority',
  ],
  [
    'quorum queue does not move',
    judged(movable(queue, RABBIT_1), synced),
    judged(movable({ ...queue, type: 'quorum', replication: { ...queue.replication, kind: 'quorum' } }, RABBIT_1)),
    'celery is not mirrored (quorum)',
  ],
  [
    'nobody to move to',
    judged(movable(queue, RABBIT_1), synced),
    judged(movable(queue, null), synced),
    'No other copy of celery is in sync',
  ],
  [
    'unknown policy',
    judged(movable(queue, RABBIT_1), synced),
    judged(movable({ ...queue, policy: 'ha-some' }, RABBIT_1), synced),
    'What policy ha-some says is not known',
  ],
  [
    'copies that nobody synchronises again',
    judged(movable(queue, RABBIT_1), synced),
    judged(movable(queue, RABBIT_1), policed({ 'ha-mode': 'all', 'ha-sync-mode': 'manual' })),
    'Policy ha-all has no ha-sync-mode: automatic. Nobody would synchronise the other copies of celery after the move: set it first.',
  ],
  [
    'copies that nobody is told to synchronise again',
    judged(movable(queue, RABBIT_1), synced),
    judged(movable(queue, RABBIT_1), policed({ 'ha-mode': 'all' })),
    'Policy ha-all has no ha-sync-mode: automatic',
  ],
  [
    'old RabbitMQ',
    judged(movable(queue, RABBIT_1), changed(synced, 'brokerNodes', RABBIT_1, { version: '3.10.8' })),
    judged(movable(queue, RABBIT_1), changed(synced, 'brokerNodes', RABBIT_1, { version: '3.8.9' })),
    'RabbitMQ 3.8.9 can lose messages',
  ],
  [
    'long queue',
    judged(shortEnough(queue)),
    judged(shortEnough({ ...queue, ready: 500_000 })),
    '500002 messages in celery',
  ],

  [
    'last usable server',
    judged(otherServerStands(TARGET)),
    judged(
      otherServerStands(TARGET),
      servers(whole, 'haproxy-2', 'amqp', ({ name }) => ({ usable: name === 'rabbit-1' })),
    ),
    'rabbit-1 is the last usable server of haproxy-2',
  ],
  [
    'unknown to proxies',
    judged(otherServerStands(TARGET)),
    judged(otherServerStands({ kind: 'brokerNodes', id: 'rabbit-9' })),
    'No proxy of Trellis sends to rabbit-9',
  ],
  [
    'in maintenance already',
    judged(serverInService(TARGET)),
    judged(
      serverInService(TARGET),
      servers(whole, 'haproxy-2', 'amqp', () => ({ status: 'MAINT' })),
    ),
    'haproxy-2 has rabbit-1 in MAINT already',
  ],
  [
    'server in maintenance at a proxy that is restarted',
    judged(nothingTakenOut(['haproxy-1']), standing('haproxy-2', 'amqp', 'rabbit-3', 'MAINT')),
    judged(nothingTakenOut(['haproxy-1', 'haproxy-2']), standing('haproxy-2', 'amqp', 'rabbit-3', 'MAINT')),
    'haproxy-2 has amqp/rabbit-3 (MAINT) taken out by hand. A restart would forget that',
  ],
  [
    'servers drained at proxies that are restarted',
    judged(nothingTakenOut(['haproxy-1', 'haproxy-2'])),
    judged(
      nothingTakenOut(['haproxy-1', 'haproxy-2']),
      standing('haproxy-1', 'redis', 'redis-2', 'DRAIN', standing('haproxy-2', 'amqp', 'rabbit-3', 'DRAIN 2/3')),
    ),
    'haproxy-1 has redis/redis-2 (DRAIN) and haproxy-2 has amqp/rabbit-3 (DRAIN 2/3) taken out by hand',
  ],
  [
    'what HAProxy took out itself',
    judged(nothingTakenOut(['haproxy-2']), standing('haproxy-2', 'amqp', 'rabbit-3', 'MAINT (resolution)')),
    judged(nothingTakenOut(['haproxy-2']), standing('haproxy-2', 'amqp', 'rabbit-3', 'MAINT (via amqp/rabbit-2)')),
    'haproxy-2 has amqp/rabbit-3 (MAINT (via amqp/rabbit-2)) taken out',
  ],
  [
    'socket',
    judged(socketsFor(['haproxy-1', 'haproxy-2'])),
    judged(socketsFor(['haproxy-1', 'haproxy-2']), whole, {
      means: { socketProblem: (id) => (id === 'haproxy-2' ? 'it has none' : null) },
    }),
    'haproxy-2 cannot be told: it has none.',
  ],
  [
    'only proxy',
    judged(otherProxyStands('haproxy-1')),
    judged(
      otherProxyStands('haproxy-1'),
      silent(whole, (key) => /haproxy-[23]/.test(key)),
    ),
    'haproxy-1 is the only proxy that answers',
  ],
  [
    'standby',
    judged(standbyWaits(lock)),
    judged(standbyWaits({ ...lock, standbys: [] })),
    'Nobody waits for lock beat',
  ],
  ['free lock', judged(standbyWaits(lock)), judged(standbyWaits({ ...lock, holder: null })), 'Nobody holds lock beat'],
  [
    'Consul leader',
    judged(consulTolerates),
    judged(consulTolerates, changed(whole, 'coordinators', 'consul', { leader: [] })),
    'do not agree on a leader',
  ],
  [
    'Consul tolerance',
    judged(consulTolerates),
    judged(consulTolerates, changed(whole, 'coordinators', 'consul', { failureTolerance: 0 })),
    'Consul cannot lose another server',
  ],
  [
    'only worker of a queue',
    judged(otherWorkers('celery@host-1')),
    judged(otherWorkers('celery@host-1'), workersLeft(['celery@host-1'])),
    'celery@host-1 alone works on celery',
  ],
];

test.each(CASES)('%s: passes where it may, blocks with the name of what is wrong', (_, pass, other, says) => {
  expect(pass).toMatch(/^pass: /);
  expect(other).toMatch(/^block: /);
  expect(other).toContain(says);
});

test.each([
  ['no append-only file', false, 'redis@host-2 keeps no append-only file: started again before another is master'],
  ['not told', null, 'Whether redis@host-2 keeps an append-only file is not told. Without one, started again'],
] as const)('a master that may come back empty only warns: %s', (_, appendOnly, says) => {
  expect(judged(restartKeepsData(master))).toBe('pass: redis@host-2 keeps an append-only file.');
  const said = judged(restartKeepsData(master), changed(whole, 'redisNodes', MASTER, { appendOnly }));
  expect(said).toMatch(/^warn: /);
  expect(said).toContain(says);
});

test('a mirrored queue of which no policy is told only warns that its copies may stay behind', () => {
  expect(judged(movable({ ...queue, policy: null }, RABBIT_1))).toMatch(/^warn: No policy is told for celery/);
  expect(judged(movable({ ...queue, policy: null }, null))).toMatch(/^block: /);
});
