import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Model } from '#lib/model/model.ts';
import { OWN_LOAD } from '#lib/model/reading.ts';
import { answersTo, type FoldState, fold, type Reducers, startFold } from './fold.ts';
import type { Observation } from './observation.ts';

const HOSTS = { 'host-1': { id: 'host-1', address: '10.0.0.1' } };

/** A small reducer that shows everything that a fold must get right: claims of several observers, and data. */
const reducers: Reducers = {
  rabbitmq: (latest) => ({
    brokerNodes: Object.fromEntries(
      answersTo<{ name: string; running: boolean }[]>(latest, 'nodes').flatMap(({ by, data }) =>
        data.map((node) => [`${node.name} by ${by}`, { id: node.name, running: node.running } as never]),
      ),
    ),
  }),
  redis: () => ({}),
  haproxy: () => ({}),
  consul: () => ({}),
  celery: () => ({}),
};

function said(endpoint: string, at: number, running: boolean): Observation {
  const head = { source: 'rabbitmq', endpoint, reading: 'nodes', intervalMs: 1_000, at, tookMs: 3 } as const;
  return { ...head, ok: true, data: [{ name: 'n', running }] };
}

function failed(endpoint: string, at: number): Observation {
  const head = { source: 'rabbitmq', endpoint, reading: 'nodes', intervalMs: 1_000, at, tookMs: 3 } as const;
  return { ...head, ok: false, code: 'refused', message: 'no' };
}

const run = (observations: readonly Observation[], from = startFold(HOSTS, reducers)): FoldState =>
  observations.reduce((state, one) => fold(state, one, reducers), from);

const observation = fc
  .tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 20 }), fc.boolean(), fc.boolean())
  .map(([endpoint, at, ok, running]) => (ok ? said(endpoint, at, running) : failed(endpoint, at)));

describe('the fold', () => {
  test('a duplicate, and an observation older than the newest of its endpoint, change nothing', () => {
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 12 }), observation, (before, late) => {
        const state = run([...before, said(late.endpoint, 30, true)]);
        expect(run([late], state)).toBe(state);
        expect(run([said(late.endpoint, 30, true)], state)).toBe(state);
      }),
      { seed: 311, numRuns: 200 },
    );
  });

  test('any interleaving of different endpoints ends in the same model', () => {
    const streams = fc.tuple(
      ...(['a', 'b', 'c'] as const).map((endpoint) =>
        fc
          .array(observation, { maxLength: 6 })
          .map((list) => list.map((one, i): Observation => ({ ...one, endpoint, at: i + 1 }))),
      ),
    );
    fc.assert(
      fc.property(streams, fc.infiniteStream(fc.nat(2)), (lists, picks) => {
        const interleaved: Observation[] = [];
        const rest = lists.map((list) => [...list]);
        while (rest.some((list) => list.length > 0)) {
          const pick = picks.next().value as number;
          const next = rest[pick]?.shift();
          if (next !== undefined) interleaved.push(next);
        }
        expect(run(interleaved).model).toEqual(run(lists.flat()).model);
      }),
      { seed: 312, numRuns: 200 },
    );
  });

  test('what did not change keeps its identity', () => {
    const before = run([said('a', 1, true), said('b', 1, true)]).model;
    const after = run([said('a', 2, true)], run([said('a', 1, true), said('b', 1, true)])).model;
    expect(after).toEqual({ ...before, readings: after.readings });
    const state = run([said('a', 1, true)]);
    expect(run([said('a', 2, true)], state).model.brokerNodes).toBe(state.model.brokerNodes);
  });

  test('a failed probe keeps the last answer and its time, and says what failed since when', () => {
    const { model } = run([said('a', 1_000, true), failed('a', 2_000), failed('a', 3_000)]);
    expect(readingOf(model, 'a')).toMatchObject({ at: 1_000, failure: { code: 'refused', since: 2_000, at: 3_000 } });
    expect(Object.keys(model.brokerNodes)).toHaveLength(1);
  });

  test('what Trellis itself asks of an endpoint is no reading: it never fails, and must not hide that others do', () => {
    const load: Observation = { ...said('a', 1_000, true), reading: OWN_LOAD };
    expect(Object.keys(run([load, failed('a', 2_000)]).model.readings)).toEqual(['rabbitmq/a/nodes']);
  });

  test('the first answer after failures clears them', () => {
    const { model } = run([failed('a', 1_000), said('a', 2_000, true)]);
    expect(readingOf(model, 'a')).toMatchObject({ at: 2_000, failure: null });
  });
});

function readingOf(model: Model, endpoint: string) {
  return model.readings[`rabbitmq/${endpoint}/nodes`];
}
