import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyModel, KINDS, type Model } from './model.ts';
import { applyPatch, diff, isEmptyPatch } from './patch.ts';

const id = fc.constantFrom('a', 'b', 'c', 'd');
const entities = fc.dictionary(id, fc.record({ id, value: fc.nat(3) }));
const model = fc
  .record(Object.fromEntries(KINDS.map((kind) => [kind, entities])))
  .map((kinds) => ({ ...emptyModel(), ...kinds }) as unknown as Model);

/** The second model keeps some of the first one's entities by identity, as the fold does. */
const pair = fc.tuple(model, model, fc.array(fc.boolean(), { minLength: 60, maxLength: 60 })).map(([a, b, keep]) => {
  let i = 0;
  const mixed = KINDS.map((kind) => {
    const merged = Object.entries(b[kind]).map(([key, value]) => [
      key,
      keep[i++ % 60] ? (a[kind][key] ?? value) : value,
    ]);
    return [kind, Object.fromEntries(merged)];
  });
  return [a, Object.fromEntries(mixed) as unknown as Model] as const;
});

test('applying the difference of two models to the first gives the second', () => {
  fc.assert(
    fc.property(pair, ([a, b]) => {
      expect(applyPatch(a, diff(a, b))).toEqual(b);
    }),
    { seed: 20261, numRuns: 300 },
  );
});

test('a patch survives its way as JSON', () => {
  fc.assert(
    fc.property(pair, ([a, b]) => {
      expect(applyPatch(a, JSON.parse(JSON.stringify(diff(a, b))))).toEqual(b);
    }),
    { seed: 20262, numRuns: 100 },
  );
});

test('entities that the patch does not name keep their identity, and so do whole kinds', () => {
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const patch = diff(a, b);
      const after = applyPatch(a, patch);
      for (const kind of KINDS) {
        if (patch.upsert[kind] === undefined && patch.remove[kind] === undefined) expect(after[kind]).toBe(a[kind]);
        for (const [key, entity] of Object.entries(after[kind])) {
          if (patch.upsert[kind]?.[key] === undefined) expect(entity).toBe(a[kind][key]);
        }
      }
    }),
    { seed: 20263, numRuns: 100 },
  );
});

test('equal models differ in nothing', () => {
  const one = emptyModel();
  expect(isEmptyPatch(diff(one, { ...one }))).toBe(true);
});
