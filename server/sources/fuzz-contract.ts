/** The second half of the contract: whatever a server says, the reading fails as `protocol` or the model takes it in. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KINDS, type Model } from '#lib/model/model.ts';
import { applyPatch, diff } from '#lib/model/patch.ts';
import { SOURCE_KINDS } from '#lib/model/reading.ts';
import { type FoldState, fold, type Reducers, startFold } from '#server/model/fold.ts';
import type { Observation } from '#server/model/observation.ts';
import { FIXTURE_CONTEXT } from './fixture.ts';
import { crowd, type Edit, HOSTILE_NAMES, HOSTILE_VALUES, rename, spoil } from './mutations.ts';
import { type Ready, readAll, type SourceHarness, setUp } from './source-contract.ts';

const SEED = 20_264;
const RUNS = 100;
const CROWD = 100_000;
const AMPLE_MS = 14_000;

const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    at: fc.nat(100_000),
    how: fc.constantFrom('replace' as const, 'drop' as const, 'repeat' as const),
    with: fc.oneof(fc.constantFrom(...HOSTILE_VALUES), fc.jsonValue()),
  }),
  { minLength: 1, maxLength: 6 },
);

/** Declares the fuzzing tests for one source. `names` are names in the recorded answers that become ids of entities. */
export function fuzzContract(harness: SourceHarness, names: readonly string[]): void {
  describe(`${harness.title}: whatever the server says`, () => {
    test('spoiled answers end as protocol or are taken in, and pollute nothing', async () => {
      const ready = await setUp(harness);
      await fc.assert(
        fc.asyncProperty(edits, async (list) => {
          ready.server.mutate = (recorded) => spoil(recorded, list);
          const observations = await readAll(ready.source, ready.probes, AMPLE_MS);
          const odd = observations.filter((one) => !one.ok && one.code !== 'protocol');
          expect(odd).toEqual([]);
          takeIn(ready, observations);
        }),
        { seed: SEED, numRuns: RUNS },
      );
    });

    test.each(names.length === 0 ? [] : HOSTILE_NAMES)('something named %s does not vanish', async (hostile) => {
      const ready = await setUp(harness);
      const whole = countsOf(takeIn(ready, await readAll(ready.source, ready.probes, AMPLE_MS)));
      for (const name of names) {
        ready.server.mutate = (recorded) => rename(recorded, name, hostile);
        const observations = await readAll(ready.source, ready.probes, AMPLE_MS);
        expect(countsOf(takeIn(ready, observations))).toEqual(whole);
      }
    });

    test('a hundred thousand entries do not stop it', async () => {
      const ready = await setUp(harness);
      ready.server.mutate = (recorded) => crowd(recorded, CROWD);
      for (const one of ready.probes) folded(ready, await readAll(ready.source, [one], AMPLE_MS));
    });
  });
}

/** Folds the observations into a model, sends it as a patch and takes it back, and compares what arrives. */
function takeIn(ready: Ready, observations: readonly Observation[]): Model {
  const { start, end } = folded(ready, observations);
  const here = applyPatch(start, JSON.parse(JSON.stringify(diff(start, end))));
  expect(countsOf(here)).toEqual(countsOf(end));
  const gone = applyPatch(here, diff(end, start));
  expect(countsOf(gone)).toEqual(countsOf(start));
  expect(Reflect.ownKeys(Object.prototype)).toEqual(PROTOTYPE_KEYS);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
  return here;
}

function folded({ source }: Ready, observations: readonly Observation[]): { start: Model; end: Model } {
  const reducers = Object.fromEntries(
    SOURCE_KINDS.map((kind) => [kind, kind === source.kind ? source.reduce : () => ({})]),
  ) as Reducers;
  const start: FoldState = startFold(FIXTURE_CONTEXT.hosts, reducers);
  let state = start;
  for (const observation of observations) state = fold(state, observation, reducers);
  return { start: start.model, end: state.model };
}

const PROTOTYPE_KEYS = Reflect.ownKeys(Object.prototype);

function countsOf(model: Model): Record<string, number> {
  return Object.fromEntries(KINDS.map((kind) => [kind, Object.keys(model[kind]).length]));
}
