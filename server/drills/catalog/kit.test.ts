/** What drills of the catalog have in common: a good moment is not taken for a state that lasts. */
import { expect, test } from 'vitest';
import type { Facts } from '#server/drills/drill.ts';
import { held } from './kit.ts';

const YES = { done: true, says: 'Kept out.' };
const NO = { done: false, says: 'Not yet.' };

/** Looks at these times, in ms; gives when it was done. */
function doneAt(looks: readonly (readonly [now: number, so: boolean])[]): number | null {
  let facts: Facts = {};
  for (const [now, so] of looks) {
    const { done, learned } = held('since', 2_000, { now, facts }, so ? YES : NO);
    facts = { ...facts, ...learned };
    if (done) return now;
  }
  return null;
}

test('what must hold is done only after it was so without a break, counted from the last time that it was not', () => {
  expect(doneAt([...[0, 1_999, 2_000].map((now) => [now, true] as const)])).toBe(2_000);
  const broken = [
    ...[[0, true] as const, [1_900, true] as const],
    ...[[1_950, false] as const, [2_100, true] as const],
    ...[[4_050, true] as const, [4_100, true] as const],
  ];
  expect(doneAt(broken)).toBe(4_100);
});

test('it says what it waits for, and stores only what is new', () => {
  expect(held('since', 2_000, { now: 5, facts: {} }, NO)).toEqual(NO);
  expect(held('since', 2_000, { now: 5, facts: {} }, YES)).toMatchObject({ done: false, learned: { since: '5' } });
  expect(held('since', 2_000, { now: 9, facts: { since: '5' } }, YES)).not.toHaveProperty('learned');
  expect(held('since', 2_000, { now: 9, facts: { since: '5' } }, NO)).toEqual({ ...NO, learned: { since: '' } });
  expect(held('since', 0, { now: 9, facts: {} }, YES)).toMatchObject(YES);
});
