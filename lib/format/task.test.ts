import { expect, test } from 'vitest';
import { callText, caretLine, formatDuration, formatTotal, maskedParts, taskIdIn } from './task.ts';

test.each([
  [0, '0 ms'],
  [0.4, '0.4 ms'],
  [12.4, '12 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [1_234, '1.2 s'],
  [9_960, '10 s'],
  [42_000, '42 s'],
  [59_700, '1 min'],
  [185_000, '3 min 5 s'],
  [7_800_000, '2 h 10 min'],
  [273_600_000, '3 d 4 h'],
  [-3, '−3 ms'],
])('%d ms is said as %s', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});

test('large counts are grouped by thousands', () => {
  expect([7, 1_204, 1_000_000].map(formatTotal)).toEqual(['7', '1,204', '1,000,000']);
});

test('masked pieces are told apart and nothing of the text is lost', () => {
  const text = "('a', ***, ***)";
  expect(maskedParts(text).filter(({ masked }) => masked)).toHaveLength(2);
  expect(
    maskedParts(text)
      .map((part) => part.text)
      .join(''),
  ).toBe(text);
  expect(maskedParts('')).toEqual([]);
});

test.each([
  ['(1, 2)', '{}', '1, 2'],
  ["('x',)", "{'key': 1}", "'x', 'key': 1"],
  ['()', '{}', ''],
  ['[1, 2]', null, '1, 2'],
  // Cut where Celery cuts: there is no closing bracket.
  ["('xxxxx...", '{}', "('xxxxx..."],
  [null, null, null],
])('args %s and kwargs %s are called as %s', (args, kwargs, text) => {
  expect(callText(args, kwargs)).toBe(text);
});

test('only a whole UUID counts as a pasted task id, whatever blanks stand around it', () => {
  expect(taskIdIn(' 27963fad-602e-493d-9bc7-17ca521cf908\n')).toBe('27963fad-602e-493d-9bc7-17ca521cf908');
  expect(taskIdIn('27963fad-602e-493d-9bc7')).toBeNull();
  expect(taskIdIn('task 27963fad-602e-493d-9bc7-17ca521cf908')).toBeNull();
});

test('the caret stands under the character, and never beyond the end', () => {
  expect(caretLine('name:(a', 5)).toBe('     ^');
  expect(caretLine('ab', 99)).toBe('  ^');
  expect(caretLine('ab', -1)).toBe('^');
});
