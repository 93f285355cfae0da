/** The guards of every drill let the healthy estate through, and refuse it with the name of what is wrong. */
import { expect, test } from 'vitest';
import { brokerDown, NOW, RABBIT_1, RABBIT_2, RABBIT_3, replicated, silent } from '#server/sources/told-estate.ts';
import { checkSeesHang, shortEnough } from './broker-guards.ts';
import { drillsConfig } from './config.ts';
import type { Means } from './drill.ts';
import { mayLose } from './forecast-guard.ts';
import {
  forecasts,
  found,
  frozen,
  HOST_1,
  INFO,
  judged,
  openAt,
  PROCESS,
  queue,
  run,
  SENTINEL,
  servers,
  service,
  TARGET,
  whole,
  workersLeft,
} from './guard-fixture.ts';
import {
  bystandersStand,
  commandsFor,
  cooledDown,
  freshEvidence,
  mayActOnBroker,
  measurable,
  noCriticalFinding,
  noOtherRun,
  notFrozen,
  sightElsewhere,
  switchedOn,
} from './guards.ts';
import { lateAcks, severalWorkers } from './other-guards.ts';
import { sentinelsReady } from './redis-guards.ts';

/** What the guard is, what passes it, and what does not: the text names the culprit. */
const CASES: readonly [name: string, pass: string, other: string, says: string][] = [
  ['enabled', judged(switchedOn(null)), judged(switchedOn('drills: { enabled: false }.')), 'enabled: false'],
  ['another run', judged(noOtherRun(null)), judged(noOtherRun(run)), 'Run r-1 (redis-switch) is under way'],
  ['a lost run', judged(noOtherRun(null)), judged(noOtherRun({ ...run, state: 'lost' })), 'has things to take back'],
  [
    'cool-down',
    judged(cooledDown(NOW - 61_000)),
    judged(cooledDown(NOW - 20_000)),
    'rests from the last drill for another 40 s',
  ],
  [
    'freeze',
    judged(notFrozen),
    judged(notFrozen, whole, { settings: frozen, now: openAt }),
    'A freeze window is open: mon',
  ],
  [
    'silent evidence',
    judged(freshEvidence([INFO])),
    judged(
      freshEvidence([INFO]),
      silent(whole, (key) => key === INFO),
    ),
    `Not answered now: ${INFO}`,
  ],
  [
    'old evidence',
    judged(freshEvidence([INFO])),
    judged(freshEvidence([INFO]), whole, { now: NOW + 2_500 }),
    'The oldest evidence is 3.5 s old',
  ],
  ['no evidence', judged(freshEvidence([INFO])), judged(freshEvidence([])), 'Nothing is known'],
  [
    'critical finding',
    judged(noCriticalFinding, found({ severity: 'warning' })),
    judged(noCriticalFinding, found({})),
    'NoWorkers: Nobody works.',
  ],
  [
    'posture is no finding',
    judged(noCriticalFinding, found({ posture: true })),
    judged(noCriticalFinding, found({})),
    'NoWorkers',
  ],
  [
    'bystanders',
    judged(bystandersStand([TARGET]), brokerDown(whole, RABBIT_1)),
    judged(bystandersStand([TARGET]), brokerDown(whole, RABBIT_2)),
    'rabbit-2 is down',
  ],
  [
    'bystanders of a host',
    judged(bystandersStand([HOST_1]), brokerDown(whole, RABBIT_1)),
    judged(bystandersStand([HOST_1]), brokerDown(whole, RABBIT_3)),
    'rabbit-3 is down',
  ],
  [
    'executor',
    judged(commandsFor(['kill'], PROCESS)),
    judged(commandsFor(['kill', 'pause'], PROCESS)),
    `No command to pause ${RABBIT_1}`,
  ],
  [
    'a queue for canaries that no worker consumes',
    judged(measurable(['celery'])),
    judged(measurable(['celery', 'trellis-canary'])),
    'No worker consumes trellis-canary: canaries would wait there in vain',
  ],
  [
    'credentials',
    judged(mayActOnBroker),
    judged(mayActOnBroker, whole, { means: { rabbitmq: false } }),
    'No credentials to act',
  ],
  [
    'forecast',
    judged(mayLose(HOST_1), forecasts(whole)),
    judged(
      mayLose(HOST_1),
      forecasts(replicated(whole, { leader: RABBIT_1, members: [RABBIT_1], inSync: [RABBIT_1] })),
    ),
    'host-1 cannot be lost',
  ],
  ['no forecast', judged(mayLose(HOST_1), forecasts(whole)), judged(mayLose(HOST_1)), 'was not forecast yet'],
];

test.each(CASES)('%s: passes where it may, blocks with the name of what is wrong', (_, pass, other, says) => {
  expect(pass).toMatch(/^pass: /);
  expect(other).toMatch(/^block: /);
  expect(other).toContain(says);
});

const tcp = servers(whole, 'haproxy-2', 'amqp', ({ check }) => ({ check: { ...check, kind: 'tcp' } }));
const WARNINGS: readonly [name: string, pass: string, other: string, says: string][] = [
  [
    'TCP-only check',
    judged(checkSeesHang),
    judged(checkSeesHang, tcp),
    'haproxy-2: a TCP check does not see a hung broker',
  ],
  [
    'single worker',
    judged(severalWorkers),
    judged(severalWorkers, workersLeft(['celery@host-1'])),
    'celery@host-1 is the only worker',
  ],
  [
    'early acks',
    judged(lateAcks),
    judged(lateAcks, found({ code: 'EarlyAcks', text: 'w acks early.' })),
    'w acks early. What it had begun is lost.',
  ],
  [
    'no entrances',
    judged(measurable(['celery'])),
    judged(measurable(['celery']), whole, { means: { entrances: false } }),
    'No canaries: give entrances',
  ],
  [
    'nobody to publish canaries',
    judged(measurable(['celery'])),
    judged(measurable(['celery']), whole, { means: { rabbitmq: false, entrances: false } }),
    'No canaries: give acting: { rabbitmq: … }',
  ],
  ['no queue', judged(measurable(['celery'])), judged(measurable([])), 'no queue of tasks has a worker'],
  [
    'sight elsewhere',
    judged(sightElsewhere([])),
    judged(
      sightElsewhere([]),
      silent(whole, (key) => key === INFO),
    ),
    `Not seen now: ${INFO}`,
  ],
  [
    'untold length',
    judged(shortEnough(queue)),
    judged(shortEnough({ ...queue, ready: null })),
    'How many messages wait in celery is not told',
  ],
];

test.each(WARNINGS)('%s: passes where all is well, else only warns', (_, pass, other, says) => {
  expect(pass).toMatch(/^pass: /);
  expect(other).toMatch(/^warn: /);
  expect(other).toContain(says);
});

test('a guard names who said it, and how old the oldest evidence is', () => {
  const scene = { model: whole, now: NOW, settings: drillsConfig.parse({}), means: {} as Means };
  expect(sentinelsReady(service)(scene)).toMatchObject({
    by: expect.arrayContaining([`redis/sentinel@${SENTINEL}/masters`]),
    ageMs: 1_000,
  });
});
