import fc from 'fast-check';
import { expect, test } from 'vitest';
import { paceOf, politeMs } from './pace.ts';

const probe = fc.record({
  intervalMs: fc.integer({ min: 500, max: 60_000 }),
  cost: fc.integer({ min: 1, max: 3 }),
  bursts: fc.boolean(),
});
const budget = fc.record({ atRest: fc.integer({ min: 1, max: 20 }), inBurst: fc.integer({ min: 21, max: 60 }) });

test('whatever the probes, all of them together stay within the budget at rest and in a burst', () => {
  fc.assert(
    fc.property(fc.array(probe, { minLength: 1, maxLength: 30 }), budget, (probes, limits) => {
      const pace = paceOf(probes, limits);
      const rate = (ms: (one: (typeof probes)[number]) => number) =>
        probes.reduce((sum, one) => sum + (one.cost * 1_000) / ms(one), 0);
      expect(rate(pace.restMs)).toBeLessThanOrEqual(limits.atRest + 1e-6);
      expect(rate((one) => (one.bursts ? pace.burstMs(one) : pace.restMs(one)))).toBeLessThanOrEqual(
        limits.inBurst + 1e-6,
      );
    }),
    { seed: 41, numRuns: 300 },
  );
});

test('within the budget nothing is stretched, and a burst asks every 250 ms', () => {
  const probes = [{ intervalMs: 1_000, cost: 1, bursts: true }];
  const pace = paceOf(probes, { atRest: 5, inBurst: 20 });
  expect(pace.restMs(probes[0] as never)).toBe(1_000);
  expect(pace.burstMs(probes[0] as never)).toBe(250);
});

test('a slow or heavy answer is asked for less often', () => {
  expect(politeMs({ tookMs: 3, bytes: 1_000 })).toBeLessThan(20);
  expect(politeMs({ tookMs: 400, bytes: 0 })).toBe(2_000);
  expect(politeMs({ tookMs: 1, bytes: 4_000_000 })).toBe(8_000);
});
