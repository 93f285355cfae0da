import { expect, test } from 'vitest';
import { taskMessage } from './messages.ts';

const textOf = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));
const AT = Date.UTC(2026, 10, 21, 19, 8, 56, 112);

test('a task message is what a client of Celery publishes', () => {
  const call = { id: 'trellis-1', name: 'celery.accumulate', args: ['n'], kwargs: { index: 0 }, origin: 'gen7@app' };
  const { headers, properties, body } = taskMessage({ ...call, expires: AT + 30_000, priority: 3 }, AT);
  expect(textOf(body)).toEqual([['n'], { index: 0 }, { callbacks: null, errbacks: null, chain: null, chord: null }]);
  expect(headers).toMatchObject({
    ...{ lang: 'py', task: 'celery.accumulate', id: 'trellis-1', root_id: 'trellis-1', parent_id: null, retries: 0 },
    ...{ argsrepr: "('n',)", kwargsrepr: "{'index': 0}", origin: 'gen7@app', timelimit: [null, null], eta: null },
    expires: '2026-11-21T19:09:26.112+00:00',
  });
  expect(properties).toMatchObject({ correlationId: 'trellis-1', expiration: '30000', priority: 3, deliveryMode: 2 });
  expect(taskMessage(call, AT).properties).not.toHaveProperty('expiration');
});

test('arguments may be printed otherwise than they are; a retry names what it repeats', () => {
  const call = { id: '2', name: 'a', args: ['hidden'], kwargs: {}, origin: 'o', argsrepr: "('***',)", retryOf: '1' };
  const { headers, body } = taskMessage(call, AT);
  expect(headers).toMatchObject({ argsrepr: "('***',)", kwargsrepr: '{}', trellis_retry_of: '1', root_id: '2' });
  expect(textOf(body)[0]).toEqual(['hidden']);
});

test('what is printed of arguments is cut, the arguments are not', () => {
  const { headers, body } = taskMessage({ id: '2', name: 'a', args: ['x'.repeat(5_000)], kwargs: {}, origin: 'o' }, AT);
  expect(String(headers.argsrepr)).toMatch(/^\('x+…$/);
  expect(String(headers.argsrepr).length).toBe(1_024);
  expect(textOf(body)[0][0].length).toBe(5_000);
});
