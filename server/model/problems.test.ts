/** The header's facts, on the recorded lab. */
import { expect, test } from 'vitest';
import { problemsOf } from '#lib/model/problems.ts';
import { FIXTURE_AT } from '#server/sources/fixture.ts';
import { LAB_REDUCERS, wholeEstate, wholeObservations } from '#server/sources/whole-estate.ts';
import { fold } from './fold.ts';
import type { Observation } from './observation.ts';

const NOW = FIXTURE_AT + 1_001;

/** The whole lab, and one second later one of its answers is another one. */
function problemsAfter(reading: string, changed: (data: never) => unknown, pick = (_: Observation) => true) {
  const said = wholeObservations().find((one) => one.reading === reading && pick(one)) as Observation & { data: never };
  const next: Observation = { ...said, at: FIXTURE_AT + 1_000, ok: true, data: changed(said.data) };
  const { model } = fold(wholeEstate(), next, LAB_REDUCERS);
  return problemsOf(model, NOW).map(({ kind, id, shown }) => `${kind} ${id}: ${shown.status}, ${shown.word}`);
}

test('the whole lab has none', () => {
  expect(problemsOf(wholeEstate().model, NOW)).toEqual([]);
});

test('a lock that nobody holds is one, though every beat that waits for it is well', () => {
  const freed = ({ sessions, locks }: { sessions: unknown; locks: object[] }) => ({
    sessions,
    locks: locks.map((lock) => ({ ...lock, session: null })),
  });
  expect(problemsAfter('locks', freed as never)).toContain('locks beat: down, nobody holds it');
});

test('a second master is one, though each of the two answers as it should', () => {
  const promoted = (info: object) => ({ ...info, role: 'master', linkUp: null, masterAddress: null });
  const isReplica = (one: Observation) => one.ok && (one.data as { role: string }).role === 'replica';
  expect(problemsAfter('info', promoted as never, isReplica)).toContain('redisServices results: degraded, two masters');
});

test('a proxy that still sends results to another node than the master is one, though its server is up', () => {
  const moved = ({ servers }: { servers: { backend: string; name: string; status: string }[] }) => {
    const isUp = servers.find((one) => one.backend === 'redis' && one.status === 'UP')?.name;
    const next = servers.find((one) => one.backend === 'redis' && one.name !== isUp)?.name;
    const swap = (one: (typeof servers)[number]) => ({ ...one, status: one.name === next ? 'UP' : 'DOWN' });
    return { servers: servers.map((one) => (one.backend === 'redis' ? swap(one) : one)) };
  };
  expect(problemsAfter('stats', moved as never)).toEqual(['proxies haproxy-1: degraded, not on the master']);
});
