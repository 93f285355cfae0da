import { expect, test } from 'vitest';
import { EMPTY_FORM, readForm, type SendForm } from './send-wish.ts';

const FORM: SendForm = { ...EMPTY_FORM, name: ' lab.add ', queue: 'celery', args: '[1, "x"]', kwargs: '{"k": null}' };

test('a form becomes a wish; what is empty is not sent', () => {
  expect(readForm(FORM, null)).toEqual({
    wish: { name: 'lab.add', queue: 'celery', args: [1, 'x'], kwargs: { k: null }, unregistered: false },
  });
  expect(readForm({ ...FORM, countdown: '5', expires: '60', priority: '3', unregistered: true }, 'a-b')).toMatchObject({
    wish: { countdown: 5, expires: 60, priority: 3, unregistered: true, retryOf: 'a-b' },
  });
});

const WRONG: readonly (readonly [field: keyof SendForm, text: string])[] = [
  ['name', ' '],
  ['queue', ''],
  ['args', '[1,'],
  ['args', '{}'],
  ['args', '1'],
  ['kwargs', '[]'],
  ['kwargs', 'null'],
  ['kwargs', "{'a': 1}"],
  ['countdown', 'soon'],
  ['countdown', '-1'],
  ['expires', '0'],
  ['priority', '256'],
  ['priority', '1.5'],
];

test.each(WRONG)('%s %j is refused, and said of that field alone', (field, text) => {
  const read = readForm({ ...FORM, [field]: text }, null);
  expect(read).toHaveProperty('problems');
  expect(Object.keys('problems' in read ? read.problems : {})).toEqual([field]);
});

test('keyword arguments that are a list are answered with how to write them', () => {
  expect(readForm({ ...FORM, kwargs: '[]' }, null)).toHaveProperty(
    'problems.kwargs',
    'Write a JSON object: {"key": 1}',
  );
});

test('a number that JavaScript would change is refused; the same digits in a string pass', () => {
  expect(readForm({ ...FORM, args: '[12345678901234567890]' }, null)).toHaveProperty('problems.args');
  expect(readForm({ ...FORM, args: '["12345678901234567890"]' }, null)).toHaveProperty('wish');
});
