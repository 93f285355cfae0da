import { expect, test } from 'vitest';
import { rememberParsed } from './http-json.ts';

test('a body that did not change gives the same result, and one that did a new one', () => {
  const parsed = rememberParsed('/api', (body) => ({ body }));
  const first = parsed(Buffer.from('[1]'));
  expect(parsed(Buffer.from('[1]'))).toBe(first);
  expect(parsed(Buffer.from('[2]'))).toEqual({ body: [2] });
});

test('a body that is no JSON fails every time, and leaves nothing behind', () => {
  const parsed = rememberParsed('/api', (body) => body);
  for (const _time of [1, 2]) expect(() => parsed(Buffer.from('[1'))).toThrow('/api did not answer with JSON');
  expect(parsed(Buffer.from('[1]'))).toEqual([1]);
});
