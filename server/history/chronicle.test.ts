import { expect, test } from 'vitest';
import { emptyModel, type Model } from '#lib/model/model.ts';
import type { Reading } from '#lib/model/reading.ts';
import { startChronicle } from './chronicle.ts';
import { SETTLED_MS } from './recall.ts';

const KEY = 'consul/agent/leader';

/** A model in which one agent names the leader; null = it does not answer. */
function modelAt(now: number, leader: string | null): Model {
  const failure = leader === null ? { code: 'refused', message: '', since: now, at: now } : null;
  const head = { key: KEY, source: 'consul', endpoint: 'agent', name: 'leader', intervalMs: 1_000 } as const;
  const reading = { ...head, at: now, tookMs: 1, via: null, failure } as Reading;
  const coordinator = { id: 'consul', leader: [{ by: KEY, value: leader ?? '' }] };
  return { ...emptyModel(), readings: { [KEY]: reading }, coordinators: { consul: coordinator as never } };
}

const leaders = (list: readonly { code: string; from: string; to: string }[]) =>
  list.filter(({ code }) => code === 'ConsulLeader').map(({ from, to }) => [from, to]);

test('ids grow with every transition, after those of earlier processes, also when the clock went back', () => {
  const chronicle = startChronicle();
  chronicle.notice(modelAt(1_000, 'a'), 1_000);
  const [first] = chronicle.notice(modelAt(1_001, 'b'), 1_001).transitions;
  chronicle.recall({ lastId: 50_000_000, aliveAt: 1, facts: [] });
  const [second] = chronicle.notice(modelAt(1_002, 'c'), 1_002).transitions;
  const [third] = chronicle.notice(modelAt(60_000, 'd'), 60_000).transitions;
  expect([first?.id, second?.id, third?.id]).toEqual([1_001_000, 50_000_001, 60_000_000]);
});

test('every new value of a fact is noticed once', () => {
  const chronicle = startChronicle();
  const values = (now: number, leader: string) =>
    chronicle.notice(modelAt(now, leader), now).facts.map(({ code, value }) => [code, value]);
  expect(values(1_000, 'a')).toEqual([
    ['EndpointAnswers', 'answers'],
    ['ConsulLeader', 'a'],
  ]);
  expect(values(2_000, 'a')).toEqual([]);
  expect(values(3_000, 'b')).toEqual([['ConsulLeader', 'b']]);
});

test('what one process knew is compared with what the next one sees', () => {
  const before = startChronicle();
  const { facts } = before.notice(modelAt(1_000, 'a'), 1_000);
  const after = startChronicle();
  after.notice(modelAt(9_000, 'b'), 9_000);
  after.recall({ lastId: 0, aliveAt: 1_500, facts: facts.map((fact) => ({ fact, until: 1_500 })) });
  expect(after.notice(modelAt(9_500, 'b'), 9_500).transitions).toEqual([]);
  const now = 9_500 + SETTLED_MS;
  const { transitions } = after.notice(modelAt(now, 'b'), now);
  expect(leaders(transitions)).toEqual([['a', 'b']]);
  expect(transitions[0]?.between).toEqual({ from: 1_500, to: 9_500 });
});

test('an endpoint that stops answering is a blind stretch, which ends when it answers', () => {
  const chronicle = startChronicle();
  const blind = (now: number, leader: string | null) => chronicle.notice(modelAt(now, leader), now).blind;
  expect(blind(1_000, 'a')).toEqual([]);
  expect(blind(2_000, null)).toMatchObject([{ what: 'consul/agent', from: 2_000, to: null }]);
  expect(blind(3_000, 'a')).toMatchObject([{ what: 'consul/agent', from: 2_000, to: 3_000 }]);
});
