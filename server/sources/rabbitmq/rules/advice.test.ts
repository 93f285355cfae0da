/** What the findings about RabbitMQ and the workers say besides their sentence: gravity, explanation, command, and their cost. */
import { expect, test } from 'vitest';
import type { Model } from '#lib/model/model.ts';
import { labAnswers, rabbit } from '#server/sources/rabbitmq/lab-answers.ts';
import { ruleBook } from '#server/sources/rule-cases.ts';
import { RABBITMQ_RULES } from './all.ts';
import { surveyQueues } from './queue-survey.ts';
import { shellWord } from './words.ts';

const { NOW, labAfter, silent, own, listed, celery, without, policy, CELERY } = labAnswers();

const { ruleOf } = ruleBook(RABBITMQ_RULES);

const findAll = (model: Model, now = NOW) =>
  RABBITMQ_RULES.flatMap((rule) => rule.find(model, now).map((found) => ({ rule, ...found })));

test('the whole lab has settings to mend, and nothing that is broken', () => {
  const found = findAll(labAfter());
  expect(found.map(({ rule }) => rule.code)).toEqual(['PolicyPromotesUnsynced', 'MirrorsEndWithRabbitMq4']);
  expect(found.map(({ rule, severity }) => severity ?? rule.severity)).toEqual(['info', 'info']);
});

test('what is stale proves nothing', () => {
  const worst = labAfter(
    celery({ node: undefined, slave_nodes: [] }),
    own(1, { partitions: [rabbit(2)] }),
    without(1, 2, 3),
  );
  expect(findAll(worst).length).toBeGreaterThan(3);
  expect(findAll(worst, NOW + 60_000)).toEqual([]);
});

const subjects = (model: Model, code: string) =>
  ruleOf(code)
    .find(model, NOW)
    .flatMap(({ because }) => (because ?? []).map(({ kind, id }) => `${kind}/${id}`));

test('a broker without any node left is critical', () => {
  const [first] = ruleOf('BrokerNodeDown').find(labAfter(...[1, 2, 3].flatMap((n) => silent(n, 'refused'))), NOW);
  expect(first).toMatchObject({
    severity: 'critical',
    text: 'rabbit-1 is down: it refuses connections. No broker node is left.',
  });
});

test('copies that are missing are explained by the node that is, and by its host', () => {
  const gone = [...silent(3, 'refused'), celery({ slave_nodes: [rabbit(1)], synchronised_slave_nodes: [rabbit(1)] })];
  expect(subjects(labAfter(...gone), 'QueueMissingCopies')).toEqual(['hosts/host-3', 'brokerNodes/rabbit-3@host-3']);
  expect(subjects(labAfter(...silent(2, 'timeout')), 'QueueWithoutLeader')).toEqual([
    'hosts/host-2',
    'brokerNodes/rabbit-2@host-2',
  ]);
});

test("a worker that left is explained by its host, the proxy there, and that proxy's own broker node", () => {
  expect(subjects(labAfter(without(1)), 'WorkerGone')).toEqual([
    ...['hosts/host-1', 'proxies/haproxy-1', 'hosts/host-1', 'brokerNodes/rabbit-1@host-1'],
  ]);
});

test('a policy is mended by setting all of it anew, as one command', () => {
  const [found] = ruleOf('PolicyPromotesUnsynced').find(labAfter(), NOW);
  expect(found?.advice.command).toBe(
    `rabbitmqctl set_policy -p / --priority 0 --apply-to queues ha-all '.*' '{"ha-mode":"all","ha-sync-mode":"automatic","ha-promote-on-failure":"when-synced"}'`,
  );
});

test('a policy that Trellis does not know completely is given no command', () => {
  const [found] = ruleOf('PolicyPromotesUnsynced').find(labAfter(policy({ 'max-length': null })), NOW);
  expect(found?.advice.command).toBeNull();
});

test('names stay one word of the shell, whatever they hold', () => {
  expect(shellWord("it's $HOME")).toBe(`'it'\\''s $HOME'`);
});

test('the smaller side of a partition is restarted', () => {
  const split = [own(1, { partitions: [rabbit(2), rabbit(3)] }), own(2, { partitions: [rabbit(1)] })];
  const [found] = ruleOf('BrokerPartition').find(labAfter(...split), NOW);
  expect(found?.advice.command).toBe(
    'rabbitmqctl -n rabbit-1@host-1 stop_app && rabbitmqctl -n rabbit-1@host-1 start_app',
  );
});

test('ten thousand queues make one finding that names three, and are looked at once', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => ({
    ...CELERY,
    name: `q${10_000 + i}`,
    synchronised_slave_nodes: [],
  }));
  const model = labAfter(listed(...many));
  expect(
    ruleOf('QueueWithoutInSyncMirror')
      .find(model, NOW)
      .map(({ text }) => text),
  ).toEqual(['10000 queues (q10000, q10001, q10002 and 9997 more) have one copy left, on rabbit-2.']);
  const later = { ...model, readings: { ...model.readings } };
  expect(surveyQueues(later, NOW + 10)).toBe(surveyQueues(model, NOW));
});

test('a node that went down since is looked at anew, though no queue changed', () => {
  const before = labAfter();
  const after = { ...before, readings: labAfter(...silent(2, 'refused')).readings };
  expect(surveyQueues(before, NOW)?.leaderless.count).toBe(0);
  expect(surveyQueues(after, NOW)?.leaderless.count).toBe(1);
});
