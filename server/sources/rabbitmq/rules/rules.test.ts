/** The findings about RabbitMQ and the workers, on the recorded lab: one answer is another one, and what is found. */
import { describe, expect, test } from 'vitest';
import type { Model } from '#lib/model/model.ts';
import type { Observation } from '#server/model/observation.ts';
import { FIXTURE_AT } from '#server/sources/fixture.ts';
import { labAnswers, rabbit } from '#server/sources/rabbitmq/lab-answers.ts';
import { ruleBook } from '#server/sources/rule-cases.ts';
import { RABBITMQ_RULES } from './all.ts';

const {
  NOW,
  said,
  failed,
  labAfter,
  sees,
  silent,
  own,
  blocked,
  listed,
  celery,
  mirrors,
  raft,
  single,
  figures,
  events,
  without,
  idle,
  policy,
  CELERY,
  FIGURE,
  FLAGS,
} = labAnswers();

const { ruleOf } = ruleBook(RABBITMQ_RULES);

/** What no recorded answer tells yet. */
type Edit = (model: Model) => Model;
const handling =
  (partitionHandling: string): Edit =>
  (model) => {
    const { rabbitmq } = model.brokerClusters;
    if (rabbitmq === undefined) throw new Error('no cluster');
    return { ...model, brokerClusters: { rabbitmq: { ...rabbitmq, partitionHandling } } };
  };
const onlyNodes =
  (...ns: number[]): Edit =>
  (model) => ({
    ...model,
    brokerNodes: Object.fromEntries(
      ns
        .map((n) => rabbit(((n - 1) % 3) + 1))
        .map((id, i) => [i < 3 ? id : 'rabbit-4@host-4', model.brokerNodes[id] as never]),
    ),
  });

const UNTOLD = { consumers: undefined, messages_ready: undefined };
const SILENT = figures(UNTOLD, { ...FIGURE, name: events.name, consumers: 1 });

type Case = [when: string, changes: readonly Observation[], finds: string | null, ...edits: Edit[]];

const CASES: Readonly<Record<string, readonly Case[]>> = {
  BrokerNodeDown: [
    [
      'its peers say so',
      [...silent(1, 'refused'), sees(2, [1]), sees(3, [1])],
      'rabbit-1 is down, say rabbit-2 and rabbit-3.',
    ],
    ['it refuses connections', silent(1, 'refused'), 'rabbit-1 is down: it refuses connections.'],
    ['it is drained, and so takes no connections', [...silent(1, 'refused'), sees(2, [], [1]), sees(3, [], [1])], null],
    ['it hangs', silent(1, 'timeout'), null],
  ],
  BrokerNodeHung: [
    [
      'nothing comes back from it',
      silent(1, 'timeout'),
      'rabbit-1 is hung or cut off: neither AMQP nor its management API answers, while other nodes do.',
    ],
    ['no node answers: it may be Trellis that is cut off', [1, 2, 3].flatMap((n) => silent(n, 'timeout')), null],
    ['it refuses', silent(1, 'refused'), null],
  ],
  BrokerNodeUnreachable: [
    [
      'its management API is silent',
      [failed(rabbit(1), 'nodes', 'timeout')],
      'rabbit-1 runs, say its peers, but its management API does not answer.',
    ],
    [
      'its AMQP is silent',
      [failed(rabbit(1), 'amqp', 'refused')],
      'rabbit-1 runs, but its AMQP at 127.0.1.1:5672 does not answer: workers cannot connect there.',
    ],
    ['it is drained', [failed(rabbit(1), 'amqp', 'refused'), sees(2, [], [1]), sees(3, [], [1])], null],
  ],
  BrokerNodesDisagree: [
    [
      'one calls another down that calls itself running',
      [sees(2, [1])],
      'The broker nodes disagree about rabbit-1: rabbit-1 runs for rabbit-1 and rabbit-3, and is down for rabbit-2.',
    ],
    ['all who speak agree that it is down', [...silent(1, 'refused'), sees(2, [1]), sees(3, [1])], null],
  ],
  BrokerPartition: [
    [
      'nodes were cut off from each other',
      [own(1, { partitions: [rabbit(3), rabbit(2)] }), own(2, { partitions: [rabbit(1)] })],
      'RabbitMQ is partitioned: rabbit-1 was cut off from rabbit-2 and rabbit-3; rabbit-2 was cut off from rabbit-1.',
    ],
    [
      'the word for it is old',
      [own(1, { partitions: [rabbit(2)] }), failed(rabbit(1), 'own', 'timeout', FIXTURE_AT + 1_001)],
      null,
    ],
  ],
  BrokerAlarm: [
    [
      'a node is short of memory',
      [own(1, { mem_alarm: true, mem_used: 9e9, mem_limit: 8e9 }), blocked(2, 'low on memory')],
      'RabbitMQ blocks publishers: rabbit-1 has a memory alarm (9.0 GB of 8.0 GB).',
    ],
    [
      'a node is short of disk',
      [own(2, { disk_free_alarm: true })],
      'RabbitMQ blocks publishers: rabbit-2 has a disk alarm.',
    ],
    [
      'who has it is not told yet',
      [blocked(2, 'low on disk')],
      'RabbitMQ blocks publishers: rabbit-2 blocks publishers (low on disk).',
    ],
    [
      'the word for it is old',
      [own(1, { mem_alarm: true }), failed(rabbit(1), 'own', 'timeout', FIXTURE_AT + 1_001)],
      null,
    ],
  ],
  BrokerDraining: [
    [
      'its peers say so',
      [...silent(1, 'refused'), sees(2, [], [1]), sees(3, [], [1])],
      'rabbit-1 is drained for maintenance: it takes no connections.',
    ],
    ['it is gone since', [...silent(1, 'refused'), sees(2, [1], [1]), sees(3, [1], [1])], null],
  ],
  BrokerVersionsDiffer: [
    [
      'one is newer',
      [own(3, { applications: [{ name: 'rabbit', version: '3.11.0' }] })],
      'The broker nodes run different versions: rabbit-1 and rabbit-2 3.10.8, rabbit-3 3.11.0.',
    ],
    [
      'the other one is gone',
      [
        own(3, { applications: [{ name: 'rabbit', version: '3.11.0' }] }),
        failed(rabbit(3), 'own', 'refused', FIXTURE_AT + 1_001),
      ],
      null,
    ],
  ],
  QueueWithoutLeader: [
    [
      'no node leads it',
      [celery({ node: undefined, slave_nodes: [], synchronised_slave_nodes: [] })],
      'The queue celery with 5 messages has no leader that runs: publishing and consuming stand still there.',
    ],
    [
      'its leader hangs',
      silent(2, 'timeout'),
      'The queue celery with 5 messages has no leader that runs: publishing and consuming stand still there.',
    ],
    [
      'RabbitMQ calls it down',
      [single({ state: 'down' })],
      'The queue celery with 5 messages has no leader that runs: publishing and consuming stand still there.',
    ],
    [
      'its majority is lost',
      [raft([1])],
      'The queue celery with 5 messages has no leader that runs: publishing and consuming stand still there.',
    ],
    [
      'the list of queues is old',
      [celery({ node: undefined, slave_nodes: [] }), failed('cluster', 'queues', 'timeout', FIXTURE_AT + 1_001)],
      null,
    ],
  ],
  QueueWithoutInSyncMirror: [
    [
      'its leader holds the only copy in sync',
      [mirrors()],
      'The queue celery with 5 messages has one copy left, on rabbit-2.',
    ],
    [
      'the nodes of all mirrors are down, though still listed',
      [...silent(1, 'refused'), ...silent(3, 'refused')],
      'The queue celery with 5 messages has one copy left, on rabbit-2.',
    ],
    ['one mirror is in sync', [mirrors(1)], null],
    ['whether copies are in sync is not told', [celery({ synchronised_slave_nodes: undefined })], null],
  ],
  QueueMissingCopies: [
    ['a mirror is behind', [mirrors(1)], 'The queue celery lacks copies: in sync are those on rabbit-1 and rabbit-2.'],
    [
      'the mirror of a node that is gone is off the list',
      [celery({ slave_nodes: [rabbit(1)], synchronised_slave_nodes: [rabbit(1)] })],
      'The queue celery lacks copies: in sync are those on rabbit-1 and rabbit-2.',
    ],
    ['one is left, which is another finding', [mirrors()], null],
    ['a majority is just left, which is another finding', [raft([1, 2])], null],
  ],
  QuorumMarginZero: [
    [
      'a member is offline',
      [raft([1, 2])],
      'The queue celery has just a majority (rabbit-1 and rabbit-2): one more member lost stops it.',
    ],
    ['all members are online', [raft([1, 2, 3])], null],
    ['it is no quorum queue', [mirrors(1)], null],
  ],
  QueueSilent: [
    [
      'it tells no figures and another queue does',
      [listed(CELERY, events), SILENT],
      'The queue celery does not answer on rabbit-2: publishing and consuming may stand still there.',
    ],
    ['no queue tells any', [said('cluster', 'queue-stats', [{ ...FIGURE, ...UNTOLD }])], null],
    ['its leader hangs, which is another finding', [listed(CELERY, events), SILENT, ...silent(2, 'timeout')], null],
    [
      'the figures are old',
      [listed(CELERY, events), SILENT, failed('cluster', 'queue-stats', 'timeout', FIXTURE_AT + 1_001)],
      null,
    ],
  ],
  QueueWithoutConsumers: [
    [
      'tasks wait',
      [figures({ consumers: 0, messages_ready: 7 })],
      'The queue celery has no consumer, and 7 tasks wait there.',
    ],
    ['nothing waits', [figures({ consumers: 0, messages_ready: 0 })], null],
    ['somebody consumes', [figures({ consumers: 1, messages_ready: 7 })], null],
    ['it goes with its declarer', [celery({ durable: false }), figures({ consumers: 0, messages_ready: 7 })], null],
    [
      'the figures are old',
      [figures({ consumers: 0, messages_ready: 7 }), failed('cluster', 'queue-stats', 'timeout', FIXTURE_AT + 1_001)],
      null,
    ],
  ],
  OrphanedEventQueues: [
    [
      'events pile up',
      [
        listed(CELERY, events),
        figures({}, { ...FIGURE, name: events.name, consumers: 0, messages_ready: 9, messages_unacknowledged: 0 }),
      ],
      'The queue celeryev.flower keeps 9 events that nobody reads.',
    ],
    [
      'somebody reads them',
      [listed(CELERY, events), figures({}, { ...FIGURE, name: events.name, consumers: 1, messages_ready: 9 })],
      null,
    ],
    [
      'it is empty',
      [
        listed(CELERY, events),
        figures({}, { ...FIGURE, name: events.name, consumers: 0, messages_ready: 0, messages_unacknowledged: 0 }),
      ],
      null,
    ],
  ],
  WorkerGone: [
    ['its queue is gone', [without(1)], 'The worker celery@host-1 is gone: the broker has no connection of it.'],
    ['nobody tells of queues any more', [failed('cluster', 'queues', 'timeout')], null],
  ],
  WorkerIdle: [
    [
      'it is there and consumes nothing',
      [idle(1)],
      'The worker celery@host-1 is connected and consumes from no queue.',
    ],
    ['the list of consumers is old', [idle(1), failed('cluster', 'consumers', 'timeout', FIXTURE_AT + 1_001)], null],
  ],
  NoWorkers: [
    [
      'some are gone, the others idle',
      [without(1, 2), idle(3)],
      'No worker works on tasks: celery@host-1 and celery@host-2 are gone, and celery@host-3 consumes nothing.',
    ],
    ['one still works', [without(1, 2)], null],
  ],
  PolicyPromotesUnsynced: [
    [
      'it says nothing of it',
      [],
      'The policy ha-all (1 mirrored queue) promotes mirrors that are not in sync when a leader crashes: the messages that they lack are lost.',
    ],
    ['it promotes what is in sync', [policy({ 'ha-promote-on-failure': 'when-synced' })], null],
    ['no queue is mirrored by it', [raft([1, 2, 3])], null],
  ],
  PolicyPromotesOnShutdown: [
    [
      'it says always',
      [policy({ 'ha-promote-on-shutdown': 'always' })],
      'The policy ha-all (1 mirrored queue) promotes mirrors that are not in sync even when a node is stopped in order: the messages that they lack are lost.',
    ],
    ['it says nothing of it', [], null],
  ],
  PolicySyncsByHand: [
    [
      'it says manual',
      [policy({ 'ha-sync-mode': 'manual' })],
      'The policy ha-all (1 mirrored queue) leaves mirrors that come back out of sync until somebody synchronises them.',
    ],
    ['it says automatic', [], null],
  ],
  QueueNotReplicated: [
    [
      'it has one copy',
      [single()],
      'The queue celery has a single copy, on rabbit-2: without that node it stands still.',
    ],
    ['it is mirrored', [], null],
    ['it is mirrored, and is being recovered', [single({ policy: 'ha-all' })], null],
    ['there is one node only', [single()], null, onlyNodes(2)],
  ],
  MirrorsEndWithRabbitMq4: [
    ['a queue is mirrored', [], 'The queue celery is a classic mirrored queue, which has one copy only in RabbitMQ 4.'],
    ['it is a quorum queue', [raft([1, 2, 3])], null],
  ],
  PartitionHandlingIgnored: [
    [
      'it is ignore',
      [],
      'RabbitMQ ignores partitions: when the network is cut, both sides go on alone and do not join again.',
      handling('ignore'),
    ],
    ['it is autoheal', [], null, handling('autoheal')],
    ['it is not told', [], null],
  ],
  PartitionHandlingOnTwoNodes: [
    [
      'two nodes pause',
      [],
      'With pause_minority and two nodes (rabbit-1 and rabbit-2), the failure of either pauses the other.',
      handling('pause_minority'),
      onlyNodes(1, 2),
    ],
    ['three nodes pause', [], null, handling('pause_minority')],
    ['two nodes heal', [], null, handling('autoheal'), onlyNodes(1, 2)],
  ],
  EvenBrokerNodes: [
    [
      'there are two',
      [],
      '2 broker nodes (rabbit-1 and rabbit-2) bear the loss of none, as 1 would: a majority must be left.',
      onlyNodes(1, 2),
    ],
    [
      'there are four',
      [],
      '4 broker nodes (rabbit-1, rabbit-2, rabbit-3 and rabbit-4) bear the loss of 1, as 3 would: a majority must be left.',
      onlyNodes(1, 2, 3, 4),
    ],
    ['there are three', [], null],
  ],
  FeatureFlagsDisabled: [
    [
      'some are',
      [said('cluster', 'feature-flags', [...FLAGS, { name: 'user_limits', state: 'disabled' }])],
      'Feature flags are not enabled (user_limits): a later RabbitMQ will refuse to start.',
    ],
    [
      'the only one is experimental',
      [said('cluster', 'feature-flags', [{ name: 'khepri_db', state: 'disabled' }])],
      null,
    ],
  ],
};

describe.each(Object.entries(CASES))('%s', (code, cases) => {
  test.each(cases)('%s', (_, changes, finds, ...edits) => {
    const model = edits.reduce((before, edit) => edit(before), labAfter(...changes));
    const found = ruleOf(code).find(model, NOW);
    expect(found.map(({ text }) => text)).toEqual(finds === null ? [] : [finds]);
    for (const { evidence } of found) expect(evidence.map(({ by }) => by in model.readings)).not.toContain(false);
    for (const { evidence } of found) expect(evidence).not.toEqual([]);
  });
});

test('every rule has a case in which it finds something, and one in which it does not', () => {
  expect(Object.keys(CASES).sort()).toEqual(RABBITMQ_RULES.map(({ code }) => code).sort());
  for (const cases of Object.values(CASES)) {
    expect(new Set(cases.map(([, , finds]) => finds === null))).toEqual(new Set([true, false]));
  }
});
