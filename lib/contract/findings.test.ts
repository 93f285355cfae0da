import { expect, test } from 'vitest';
import { acknowledgeSchema } from './findings.ts';

const GOOD = { id: 'BrokerNodeDown:brokerNodes/rabbit-1@host-1', by: 'Ada', reason: 'a new disk comes', hours: 4 };

test('an acknowledgement says of what, who, why and for how long', () => {
  expect(acknowledgeSchema.parse(GOOD)).toEqual(GOOD);
});

test.each([
  ['nobody', { by: ' ' }],
  ['no reason', { reason: '' }],
  ['longer than a week', { hours: 169 }],
  ['shorter than a quarter of an hour', { hours: 0.2 }],
  ['a number as text', { hours: '4' }],
  ['a parameter that is not known', { forever: true }],
])('an acknowledgement with %s is refused', (_, change) => {
  expect(acknowledgeSchema.safeParse({ ...GOOD, ...change }).success).toBe(false);
});
