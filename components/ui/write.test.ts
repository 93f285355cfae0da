/** Writes over a network that fails, against a small server that remembers what came. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newKey, WriteError, writeJson } from './write.ts';

type Came = { method: string | undefined; key: string; type: string | undefined; body: string };
type Reply = { status: number; body: unknown; headers?: Record<string, string> } | 'cut' | 'proxy page';

let server: Server;
let url: string;
let came: Came[];
let replies: Reply[];
beforeEach(async () => {
  came = [];
  replies = [];
  server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { method, headers } = request;
  came.push({ method, key: String(headers['idempotency-key']), type: headers['content-type'], body });
  const reply = replies.shift() ?? { status: 200, body: { ok: true } };
  if (reply === 'cut') return void request.socket.destroy();
  if (reply === 'proxy page') return void response.writeHead(502).end('<html>Bad Gateway</html>');
  response
    .writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
    .end(JSON.stringify(reply.body));
}

const send = (body: object = { reason: 'because' }, options: Parameters<typeof writeJson>[2] = {}) =>
  writeJson(url, body, { waitsMs: [1, 1], ...options });
const problem = (status: number, code: string) => ({
  status,
  body: { code, detail: `${code}!` },
  headers: { 'audit-request': 'r1' },
});
const keys = () => new Set(came.map(({ key }) => key));

test('a write is JSON with a key, and its answer is given', async () => {
  expect(await send({ a: 1 }, { method: 'DELETE' })).toEqual({ ok: true });
  expect(came).toEqual([
    { method: 'DELETE', key: expect.stringMatching(/^[0-9a-f]{32}$/), type: 'application/json', body: '{"a":1}' },
  ]);
});

test('where no answer comes it is sent again under the same key', async () => {
  replies = ['cut', 'proxy page'];
  expect(await send()).toEqual({ ok: true });
  expect(came).toHaveLength(3);
  expect(keys().size).toBe(1);
});

test('while the first is under way it is asked again, not done again', async () => {
  replies = [problem(409, 'IN_PROGRESS')];
  expect(await send()).toEqual({ ok: true });
  expect(keys().size).toBe(1);
});

test('given up and sent again with the same words it is the same write; with others, or after an answer, another', async () => {
  replies = ['cut', 'cut', 'cut'];
  await expect(send()).rejects.toMatchObject({ code: 'UNREACHABLE', status: null });
  await send();
  expect(keys().size).toBe(1);
  await send();
  expect(keys().size).toBe(2);
  await send({ reason: 'another' });
  expect(keys().size).toBe(3);
});

test('what the server refuses is told with its code and not sent again', async () => {
  replies = [problem(403, 'READ_ONLY'), problem(409, 'OUTCOME_UNKNOWN'), problem(503, 'AUDIT_UNAVAILABLE')];
  await expect(send()).rejects.toMatchObject({ code: 'READ_ONLY', status: 403, message: 'READ_ONLY!', request: 'r1' });
  await expect(send()).rejects.toBeInstanceOf(WriteError);
  await expect(send()).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  expect(came).toHaveLength(3);
  expect(keys().size).toBe(3);
});

test('a key of one’s own is used', async () => {
  const key = newKey();
  await send({}, { key });
  expect(keys()).toEqual(new Set([key]));
});

test('a write that is called off is not sent again', async () => {
  replies = ['cut', 'cut'];
  const abort = new AbortController();
  const sent = send({}, { signal: abort.signal, waitsMs: [60_000] });
  await expect.poll(() => came.length).toBe(1);
  abort.abort(new Error('called off'));
  await expect(sent).rejects.toThrow('called off');
  expect(came).toHaveLength(1);
});
