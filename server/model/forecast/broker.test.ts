/** Queues, when broker nodes fail. Queue celery is led by rabbit-2 and mirrored on all three, with 12 messages. */
import { expect, test } from 'vitest';
import type { Effect } from '#lib/model/forecast.ts';
import type { Model } from '#lib/model/model.ts';
import { forecastsOf } from '#server/model/forecast.ts';
import {
  brokerDown,
  changed,
  handling,
  NOW,
  RABBIT_1,
  RABBIT_2,
  RABBIT_3,
  replicated,
  silent,
  toldEstate,
} from '#server/sources/told-estate.ts';

function queues(model: Model, failing = `brokerNodes/${RABBIT_2}`): Effect[] {
  return forecastsOf(model, NOW)[failing]?.effects.filter(({ layer }) => layer === 'queues') ?? [];
}

const outcomes = (effects: readonly Effect[]) => effects.map(({ outcome }) => outcome);

function withPolicy(model: Model, definition: Record<string, unknown>): Model {
  const policy = { id: '/:ha-all', vhost: '/', name: 'ha-all', pattern: '', appliesTo: 'all', priority: 0, definition };
  return { ...model, policies: { '/:ha-all': { ...policy, by: 'rabbitmq/cluster/queues' } } };
}

test('a mirror that is in sync takes over: which one is not promised', () => {
  const [effect] = queues(toldEstate());
  expect(effect).toMatchObject({
    ...{ outcome: 'takes-over', successors: [RABBIT_1, RABBIT_3], outageMs: { from: 0, to: 2_000 }, lostMessages: 0 },
    text: 'celery: rabbit-1 or rabbit-3 takes over, with all messages.',
  });
});

test('a mirror that is not in sync is no successor', () => {
  expect(queues(replicated(toldEstate(), { inSync: [RABBIT_2, RABBIT_3] }))[0]?.successors).toEqual([RABBIT_3]);
});

test('a queue that another node leads only loses a copy', () => {
  const [effect] = queues(toldEstate(), `brokerNodes/${RABBIT_1}`);
  expect(effect).toMatchObject({ outcome: 'unaffected', text: 'celery: 2 copies stay.' });
});

test('with only an old mirror left the messages are lost, and queue and number are named', () => {
  const [effect] = queues(replicated(toldEstate(), { inSync: [RABBIT_2] }));
  expect(effect).toMatchObject({ outcome: 'loses', lostMessages: 12 });
  expect(effect?.text).toContain('celery');
  expect(effect?.text).toContain('12 messages');
});

test('how many messages go is null where it is not told', () => {
  const model = replicated(toldEstate(), { inSync: [RABBIT_2] }, { unacknowledged: null });
  expect(queues(model)[0]).toMatchObject({ outcome: 'loses', lostMessages: null });
});

test('a policy that promotes no old mirror stops the queue and keeps its messages', () => {
  const model = replicated(toldEstate(), { inSync: [RABBIT_2] });
  expect(outcomes(queues(withPolicy(model, { 'ha-promote-on-failure': 'when-synced' })))).toEqual(['stops']);
  expect(outcomes(queues(withPolicy(model, { 'ha-promote-on-failure': 'always' })))).toEqual(['loses']);
});

test('a queue with one copy waits for its node where it is durable, and is gone where it is not', () => {
  const single = { kind: 'none', members: [RABBIT_2], inSync: [RABBIT_2], wanted: 1 } as const;
  expect(queues(replicated(toldEstate(), single))[0]).toMatchObject({ outcome: 'stops', lostMessages: 0 });
  const transient = replicated(toldEstate(), single, { durable: false });
  expect(queues(transient)[0]).toMatchObject({ outcome: 'loses', lostMessages: 12 });
});

test('whether a copy is left cannot be told where RabbitMQ does not say which are in sync', () => {
  expect(outcomes(queues(replicated(toldEstate(), { inSync: null })))).toEqual(['unknown']);
});

test('a copy on a silent node is no survivor, and the answer names the node and its silence', () => {
  const model = silent(replicated(toldEstate(), { inSync: [RABBIT_2, RABBIT_3] }), (key) => key.includes(RABBIT_3));
  const doubt = queues(model).find(({ text }) => text.includes('celery'));
  expect(doubt?.outcome).toBe('unknown');
  expect(doubt?.text).toContain('rabbit-3');
});

test('a quorum queue goes on with a majority of its members, and stops without', () => {
  const model = replicated(toldEstate(), { kind: 'quorum' });
  expect(queues(model)[0]).toMatchObject({ outcome: 'takes-over', successors: [RABBIT_1, RABBIT_3] });
  expect(outcomes(queues(model, `brokerNodes/${RABBIT_1}`))).toEqual(['unaffected']);
  const lessOne = handling(brokerDown(model, RABBIT_3), 'ignore');
  expect(outcomes(queues(lessOne))).toEqual(['stops']);
  expect(outcomes(queues(replicated(model, { inSync: [RABBIT_1, RABBIT_2] })))).toEqual(['stops']);
});

test('a stream needs a majority like a quorum queue', () => {
  const model = replicated(toldEstate(), { kind: 'stream', inSync: [RABBIT_1, RABBIT_2] });
  expect(outcomes(queues(model, `brokerNodes/${RABBIT_1}`))).toEqual(['stops']);
});

test('what is left of a cluster stops where pause_minority pauses it, and only there', () => {
  const lessOne = brokerDown(toldEstate(), RABBIT_3);
  expect(queues(handling(lessOne, 'pause_minority'))[0]).toMatchObject({ outcome: 'stops', successors: [] });
  expect(outcomes(queues(handling(lessOne, 'autoheal')))).toEqual(['takes-over']);
  expect(outcomes(queues(handling(toldEstate(), 'pause_minority')))).toEqual(['takes-over']);
});

test('a minority whose handling is not known may pause itself', () => {
  const lessOne = brokerDown(toldEstate(), RABBIT_3);
  expect(outcomes(queues(lessOne))).toContain('unknown');
  expect(outcomes(queues(handling(lessOne, null)))).toContain('unknown');
});

test('a queue without a leader stands still before anything fails', () => {
  expect(queues(replicated(toldEstate(), { leader: null }))[0]).toMatchObject({
    ...{ outcome: 'stops', text: 'celery: no leader even now.' },
  });
});

test('queues that fare alike are one effect, which counts them and names the first', () => {
  const model = replicated(toldEstate(), { inSync: [RABBIT_2] });
  const queue = model.queues['/:celery'];
  const more = ['a', 'b', 'c', 'd'].map((name) => [`/:${name}`, { ...queue, id: `/:${name}`, name, policy: name }]);
  const effects = queues({ ...model, queues: Object.fromEntries(more) as Model['queues'] });
  expect(effects).toHaveLength(1);
  expect(effects[0]).toMatchObject({ lostMessages: 48 });
  expect(effects[0]?.text).toContain('a, b, c and 1 more');
});

test("Celery's own plumbing is no queue of tasks", () => {
  const model = replicated(toldEstate(), { inSync: [RABBIT_2] }, { plumbing: true });
  expect(queues(model)).toEqual([]);
});

test('while the list of queues is old nobody knows what a node leads', () => {
  const model = silent(toldEstate(), (key) => key === 'rabbitmq/cluster/queues');
  expect(queues(model)[0]).toMatchObject({ outcome: 'unknown' });
  expect(queues(model)[0]?.text).toContain('The list of queues is 42 s old');
});

test('a node that the others do not agree on is no survivor', () => {
  const model = replicated(toldEstate(), { inSync: [RABBIT_2, RABBIT_3] });
  const running = model.brokerNodes[RABBIT_3]?.running.map((claim, i) => ({ ...claim, value: i > 0 })) ?? [];
  expect(outcomes(queues(changed(model, 'brokerNodes', RABBIT_3, { running })))).toContain('unknown');
  expect(outcomes(queues(model))).toEqual(['takes-over']);
});
