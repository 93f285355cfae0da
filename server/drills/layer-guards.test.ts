/** The guards of Redis, brokers, proxies, Consul and workers: they pass the healthy estate, else name what is wrong. */
import { expect, test } from 'vitest';
import type { Sentinel } from '#lib/model/redis.ts';
import { brokerDown, changed, RABBIT_1, RABBIT_2, RABBIT_3, replicated, silent } from '#server/sources/told-estate.ts';
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
  queue,
  REPLICA,
  role,
  SENTINEL,
  servers,
  service,
  serving,
  TARGET,
  view,
  whole,
  workersLeft,
} from './guard-fixture.ts';
import {
  consulTolerates,
  otherProxyStands,
  otherServerStands,
  otherWorkers,
  serverInService,
  socketsFor,
  standbyWaits,
} from './other-guards.ts';
import { noFailoverUnderWay, oneMaster, proxiesOnMaster, replicaInSync, sentinelsReady } from './redis-guards.ts';

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
    judged(movable({ ...queue, policy: null }, RABBIT_1)),
    judged(movable({ ...queue, type: 'quorum', replication: { ...queue.replication, kind: 'quorum' } }, RABBIT_1)),
    'celery is not mirrored (quorum)',
  ],
  [
    'nobody to move to',
    judged(movable({ ...queue, policy: null }, RABBIT_1)),
    judged(movable({ ...queue, policy: null }, null)),
    'No other copy of celery is in sync',
  ],
  [
    'unknown policy',
    judged(movable({ ...queue, policy: null }, RABBIT_1)),
    judged(movable({ ...queue, policy: 'ha-some' }, RABBIT_1)),
    'What policy ha-some says is not known',
  ],
  [
    'old RabbitMQ',
    judged(
      movable({ ...queue, policy: null }, RABBIT_1),
      changed(whole, 'brokerNodes', RABBIT_1, { version: '3.10.8' }),
    ),
    judged(
      movable({ ...queue, policy: null }, RABBIT_1),
      changed(whole, 'brokerNodes', RABBIT_1, { version: '3.8.9' }),
    ),
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
    'socket',
    judged(socketsFor(['haproxy-1'])),
    judged(socketsFor(['haproxy-1', 'haproxy-2'])),
    'haproxy-2 has no socket',
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
