import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseOverview, penaltyText } from './drill-overview.ts';

const ROW = { workload: 'short', tasks: 10_000, standaloneMs: 20_000, estateMs: 38_000 };

test('whatever is stored, nothing is made up of it: unreadable rows are left out', () => {
  expect(parseOverview({ at: 5, rows: [ROW, { ...ROW, estateMs: null }, 'x', null] })).toEqual({ at: 5, rows: [ROW] });
  expect([null, [], {}, { at: 'x', rows: [] }, { at: 1 }].map(parseOverview)).toEqual([null, null, null, null, null]);
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      const parsed = parseOverview(body);
      expect(parsed === null || Array.isArray(parsed.rows)).toBe(true);
    }),
    { seed: 11, numRuns: 300 },
  );
});

test('the penalty is how many times as long it takes', () => {
  expect(penaltyText(ROW)).toBe('1.9× as long');
  expect(penaltyText({ ...ROW, estateMs: 20_500 })).toBe('as long');
  expect(penaltyText({ ...ROW, standaloneMs: 0 })).toBeNull();
});
