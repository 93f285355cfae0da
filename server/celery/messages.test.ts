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
