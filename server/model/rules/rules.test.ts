/** Findings that need several systems, on the recorded lab. */
import { expect, test } from 'vitest';
import { fold } from '#server/model/fold.ts';
import type { Observation } from '#server/model/observation.ts';
import { FIXTURE_AT } from '#server/sources/fixture.ts';
import { LAB_REDUCERS, wholeEstate, wholeObservations } from '#server/sources/whole-estate.ts';
import { SYSTEM_RULES } from './all.ts';

const NOW = FIXTURE_AT + 20_000;
type Change = (one: Observation) => Observation;

/** 20 s after the recording: everybody answered again, but for what `change` makes of it. */
function foundAfter(change: Change) {
  const later = wholeObservations().map((one) => change({ ...one, at: NOW - 500 }));
  const { model } = later.reduce((state, one) => fold(state, one, LAB_REDUCERS), wholeEstate());
  return SYSTEM_RULES.flatMap((rule) => rule.find(model, NOW).map(({ subject }) => `${rule.code} ${subject.id}`));
}

const fails = (one: Observation, code: 'refused' | 'timeout'): Observation => {
  const { source, endpoint, reading, intervalMs, at, tookMs } = one;
  return { source, endpoint, reading, intervalMs, at, tookMs, ok: false, code, message: code };
};
const onHost2 = ({ endpoint }: Observation) => /127\.0\.1\.2:|@host-2$|haproxy-2/.test(endpoint);

test('the whole lab has none', () => {
  expect(foundAfter((one) => one)).toEqual([]);
});

test('a host none of whose processes answers, and whose ports are closed, is down', () => {
  expect(foundAfter((one) => (onHost2(one) ? fails(one, 'refused') : one))).toEqual(['HostDown host-2']);
});

test('a host of which one process still answers is not down', () => {
  const found = foundAfter((one) => (onHost2(one) && one.source !== 'haproxy' ? fails(one, 'refused') : one));
  expect(found).not.toContain('HostDown host-2');
});

test('one process that is gone makes no dead host', () => {
  const found = foundAfter((one) => (onHost2(one) && one.source === 'rabbitmq' ? fails(one, 'refused') : one));
  expect(found).toEqual([]);
});

test('an endpoint that is silent, and that nobody calls down, is told as one that Trellis cannot see', () => {
  const silent = (one: Observation) => one.endpoint === 'sentinel@127.0.1.3:26379';
  expect(foundAfter((one) => (silent(one) ? fails(one, 'timeout') : one))).toEqual([
    'EndpointSilent redis/sentinel@127.0.1.3:26379',
  ]);
});

test('silence of what its peers call down is no finding of its own', () => {
  const silent = (one: Observation) => one.endpoint === 'rabbit-2@host-2';
  const peersSay = (one: Observation): Observation =>
    one.ok && one.reading === 'nodes'
      ? {
          ...one,
          data: (one.data as { name: string }[]).map((node) =>
            node.name === 'rabbit-2@host-2' ? { ...node, running: false } : node,
          ),
        }
      : one;
  expect(foundAfter((one) => (silent(one) ? fails(one, 'timeout') : peersSay(one)))).toEqual([]);
});
