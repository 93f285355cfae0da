import { expect, test } from 'vitest';
import { timelineQuerySchema } from './timeline.ts';

test('a query without parameters asks for the newest 200', () => {
  expect(timelineQuerySchema.parse({})).toEqual({ limit: 200 });
});

test('numbers are read from the texts of the URL', () => {
  const given = { limit: '500', before: '1795303153731000', from: '0', to: '1795303153731', code: ['RedisMaster'] };
  expect(timelineQuerySchema.parse(given)).toEqual({
    ...{ limit: 500, before: 1_795_303_153_731_000, from: 0, to: 1_795_303_153_731, code: ['RedisMaster'] },
  });
});

test.each([
  { limit: '0' },
  { limit: '501' },
  { limit: '1e2' },
  { limit: '' },
  { before: '-1' },
  { before: '9007199254740993' },
  { from: 'yesterday' },
  { code: ['Nothing'] },
  { kind: '' },
  { limits: '5' },
])('%o is refused', (given) => {
  expect(timelineQuerySchema.safeParse(given).success).toBe(false);
});
