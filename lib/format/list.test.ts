import { expect, test } from 'vitest';
import { andList, orList, someOf } from './list.ts';

test('the last name is joined by a word, the others by commas', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c', 'd']].map((names) => andList(names))).toEqual([
    ...['', 'a', 'a and b', 'a, b, c and d'],
  ]);
  expect([['a'], ['a', 'b'], ['a', 'b', 'c']].map((names) => orList(names))).toEqual(['a', 'a or b', 'a, b or c']);
});

test('from the fourth name on they are only counted', () => {
  expect(someOf(['a', 'b', 'c'])).toBe('a, b and c');
  expect(someOf(['a', 'b', 'c', 'd'])).toBe('a, b, c and 1 more');
});

test('names that are not given are counted with the rest', () => {
  expect(someOf(['a', 'b', 'c'], 12)).toBe('a, b, c and 9 more');
  expect(someOf(['a', 'b'], 12)).toBe('a, b and 10 more');
  expect(someOf(['a', 'b'], 2)).toBe('a and b');
});
