/** The shown status, on the recorded lab: whole, blind, and with single observers silent. */
import { describe, expect, test } from 'vitest';
import type { Model } from '#lib/model/model.ts';
import { partsOf } from '#lib/model/parts.ts';
import type { ProbeCode } from '#lib/model/reading.ts';
import { FIXTURE_AT } from '#server/sources/fixture.ts';
import { LAB_REDUCERS, wholeEstate, wholeObservations } from '#server/sources/whole-estate.ts';
import { type FoldState, fold } from './fold.ts';
import type { Observation } from './observation.ts';

const statuses = (model: Model, now: number) => [...new Set(partsOf(model, now).map((part) => part.status))];
const notOk = (model: Model, now: number) => partsOf(model, now).filter((part) => part.status !== 'ok');

/** The whole lab, and one second later nobody answers whose reading `silent` picks. */
function silenced(silent: (key: string) => boolean, code: ProbeCode = 'refused'): FoldState {
  const whole = wholeEstate();
  return Object.values(whole.model.readings)
    .filter((reading) => silent(reading.key))
    .reduce((state, { source, endpoint, name, intervalMs }) => {
      const head = { source, endpoint, reading: name, intervalMs, at: FIXTURE_AT + 1_000, tookMs: 1 };
      const failed: Observation = { ...head, ok: false, code, message: 'no' };
      return fold(state, failed, LAB_REDUCERS);
    }, whole);
}

describe('the whole lab', () => {
  const { model } = wholeEstate();

  test('is ok in all its twenty parts while its answers are fresh', () => {
    expect(notOk(model, FIXTURE_AT + 1_000)).toEqual([]);
    expect(partsOf(model, FIXTURE_AT + 1_000)).toHaveLength(20);
  });

  test('is ok nowhere once its answers are stale, and unknown everywhere after 30 s', () => {
    expect(statuses(model, FIXTURE_AT + 5_001)).toEqual(['stale']);
    expect(statuses(model, FIXTURE_AT + 30_001)).toEqual(['unknown']);
  });

  test('is ok nowhere as soon as nobody answers any more, however young the last answers are', () => {
    expect(statuses(silenced(() => true, 'timeout').model, FIXTURE_AT + 1_001)).toEqual(['stale']);
  });
});

describe('one silent observer', () => {
  test.each([
    ['rabbitmq/rabbit-2@host-2/nodes', 'brokerNodes rabbit-2@host-2', { status: 'degraded', word: 'not answering' }],
    ['rabbitmq/rabbit-2@host-2/', 'brokerNodes rabbit-2@host-2', { status: 'down', word: 'refuses connections' }],
    [
      'rabbitmq/rabbit-2@host-2/amqp',
      'brokerNodes rabbit-2@host-2',
      { status: 'degraded', word: 'AMQP not answering' },
    ],
    [
      'redis/results/127.0.1.2:6379/',
      'redisNodes results/127.0.1.2:6379',
      { status: 'degraded', word: 'not answering' },
    ],
    ['redis/sentinel@127.0.1.3:26379/', 'sentinels 127.0.1.3:26379', { status: 'stale', word: 'silent' }],
    ['haproxy/haproxy-1/', 'proxies haproxy-1', { status: 'stale', word: 'silent' }],
    ['consul/127.0.1.1:8500/', 'consulServers consul-1', { status: 'degraded', word: 'not answering' }],
  ])('%s makes %s not ok, and nothing else', (prefix, entity, expected) => {
    const { model } = silenced((key) => key.startsWith(prefix));
    const [kind, id] = entity.split(' ');
    expect(notOk(model, FIXTURE_AT + 1_001)).toEqual([{ kind, id, ...expected }]);
  });

  test('that speaks for the whole cluster makes everything that only it tells of not ok', () => {
    const { model } = silenced((key) => key === 'rabbitmq/cluster/queues' || key === 'consul/cluster/locks');
    const kinds = notOk(model, FIXTURE_AT + 1_001).map((part) => part.kind);
    expect(kinds).toEqual(['beats', 'beats', 'workers', 'workers', 'workers']);
  });
});

test('a hung broker node is told from those whose API hangs with it: their AMQP still answers', () => {
  const { model } = silenced(
    (key) => /^rabbitmq\/rabbit.*\/nodes$/.test(key) || key === 'rabbitmq/rabbit-3@host-3/amqp',
    'timeout',
  );
  expect(notOk(model, FIXTURE_AT + 1_001).map(({ id, status, word }) => [id, status, word])).toEqual([
    ['rabbit-1@host-1', 'degraded', 'only AMQP answers'],
    ['rabbit-2@host-2', 'degraded', 'only AMQP answers'],
    ['rabbit-3@host-3', 'down', 'hung or cut off'],
  ]);
});

test('a broker node that refuses Trellis alone is not down: a peer still sees it ten seconds later', () => {
  const refused = silenced((key) => key.startsWith('rabbitmq/rabbit-2@host-2/'));
  const said = wholeObservations().find(
    ({ endpoint, reading }) => endpoint.startsWith('rabbit-1') && reading === 'nodes',
  );
  const { model } = fold(refused, { ...(said as Observation), at: FIXTURE_AT + 11_500 }, LAB_REDUCERS);
  const rabbit2 = partsOf(model, FIXTURE_AT + 11_501).filter(({ id }) => id === 'rabbit-2@host-2');
  expect(rabbit2.map(({ status, word }) => [status, word])).toEqual([['degraded', 'not answering']]);
});
