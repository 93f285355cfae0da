import { expect, test } from 'vitest';
import { reprOf, tupleOf } from './repr.ts';

test.each<[unknown, string]>([
  [null, 'None'],
  [true, 'True'],
  [1.5, '1.5'],
  ["it's", '"it\'s"'],
  ['say "it\'s"\n', "'say \"it\\'s\"\\n'"],
  [['a', [1]], "['a', [1]]"],
  [{ a: { b: false } }, "{'a': {'b': False}}"],
])('prints %j as Python does', (value, text) => {
  expect(reprOf(value, 100)).toBe(text);
});

test('prints tuples, and no more than is wanted of what is large', () => {
  expect([tupleOf([], 9), tupleOf([1], 9), tupleOf([1, 2], 9)]).toEqual(['()', '(1,)', '(1, 2)']);
  expect(reprOf(Array(100_000).fill('x'.repeat(50)), 100)).toHaveLength(100);
  expect(tupleOf(['x'.repeat(500)], 100)).toHaveLength(100);
});
