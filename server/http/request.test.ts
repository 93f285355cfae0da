/** What a write must bring. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readJson } from './request.ts';

const schema = z.strictObject({ id: z.string() });

function post(body: string, headers: Record<string, string> = {}): Request {
  const all = { 'content-type': 'application/json', host: 'trellis:3000', ...headers };
  return new Request('http://trellis:3000/api', { method: 'POST', body, headers: all });
}

async function codeOf(request: Request): Promise<string> {
  const read = await readJson(request, schema);
  return 'body' in read ? 'taken' : ((await read.refused.json()) as { code: string }).code;
}

test('JSON from a page of this server, and from no browser at all, is taken', async () => {
  expect(await codeOf(post('{"id":"a"}', { 'sec-fetch-site': 'same-origin' }))).toBe('taken');
  expect(await codeOf(post('{"id":"a"}', { origin: 'http://trellis:3000' }))).toBe('taken');
  expect(await codeOf(post('{"id":"a"}'))).toBe('taken');
});

test('a page of another site is refused', async () => {
  expect(await codeOf(post('{"id":"a"}', { 'sec-fetch-site': 'cross-site' }))).toBe('CROSS_SITE');
  expect(await codeOf(post('{"id":"a"}', { 'sec-fetch-site': 'same-site' }))).toBe('CROSS_SITE');
  expect(await codeOf(post('{"id":"a"}', { origin: 'http://evil' }))).toBe('CROSS_SITE');
  expect(await codeOf(post('{"id":"a"}', { origin: 'null' }))).toBe('CROSS_SITE');
});

test('a form of another site cannot pass for JSON', async () => {
  expect(await codeOf(post('{"id":"a"}', { 'content-type': 'text/plain' }))).toBe('NOT_JSON');
});

test('a body without end is not read to its end', async () => {
  expect(await codeOf(post(JSON.stringify({ id: 'x'.repeat(70_000) })))).toBe('TOO_LARGE');
});

test('what is no JSON, or another than asked for, is refused with the name of the field', async () => {
  expect(await codeOf(post('{'))).toBe('INVALID_BODY');
  const read = await readJson(post('{"id":1}'), schema);
  expect('refused' in read && ((await read.refused.json()) as { detail: string }).detail).toContain('id: ');
});
