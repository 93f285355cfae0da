/** What a body must bring. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readJson, readJsonBody } from './request.ts';

const schema = z.strictObject({ id: z.string() });

function post(body: BodyInit, headers: Record<string, string> = {}): Request {
  const all = { 'content-type': 'application/json', host: 'trellis:3000', ...headers };
  return new Request('http://trellis:3000/api', { method: 'POST', body, headers: all, duplex: 'half' } as RequestInit);
}

async function codeOf(request: Request): Promise<string> {
  const read = await readJson(request, schema);
  return 'body' in read ? 'taken' : ((await read.refused.json()) as { code: string }).code;
}

test('JSON from a page of this server, and from no browser at all, is taken', async () => {
  expect(await codeOf(post('{"id":"a"}', { 'sec-fetch-site': 'same-origin' }))).toBe('taken');
  expect(await codeOf(post('{"id":"a"}', { origin: 'http://trellis:3000' }))).toBe('taken');
  expect(await codeOf(post('{"id":"a"}', { 'content-type': 'application/json; charset=utf-8' }))).toBe('taken');
  expect(await codeOf(post('{"id":"a"}'))).toBe('taken');
});

test('a page of another site is refused', async () => {
  expect(await codeOf(post('{"id":"a"}', { 'sec-fetch-site': 'cross-site' }))).toBe('CROSS_SITE');
  expect(await codeOf(post('{"id":"a"}', { 'sec-fetch-site': 'same-site' }))).toBe('CROSS_SITE');
  expect(await codeOf(post('{"id":"a"}', { origin: 'http://evil' }))).toBe('CROSS_SITE');
  expect(await codeOf(post('{"id":"a"}', { origin: 'null' }))).toBe('CROSS_SITE');
});

test('a form of another site cannot pass for JSON', async () => {
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'text/plain;application/json',
  ])
    expect(await codeOf(post('{"id":"a"}', { 'content-type': type })), type).toBe('NOT_JSON');
});

test('a body without end is not read to its end, whether it tells its length or not', async () => {
  const chunk = new TextEncoder().encode('x'.repeat(10_000));
  let sent = 0;
  const endless = new ReadableStream({
    pull(controller) {
      sent += 1;
      controller.enqueue(chunk);
    },
  });
  expect(await codeOf(post(endless))).toBe('TOO_LARGE');
  expect(sent).toBeLessThan(10);
  expect(await codeOf(post('{}', { 'content-length': '70000' }))).toBe('TOO_LARGE');
});

test('a body that does not come is not waited for', async () => {
  let isCancelled = false;
  const silent = new ReadableStream({
    cancel() {
      isCancelled = true;
    },
  });
  const read = await readJsonBody(post(silent), { bytes: 100, timeMs: 20 });
  expect('refused' in read && [read.refused.status, ((await read.refused.json()) as { code: string }).code]).toEqual([
    408,
    'TOO_SLOW',
  ]);
  expect(isCancelled).toBe(true);
});

test('what is no JSON, or another than asked for, is refused with the name of the field', async () => {
  expect(await codeOf(post('{'))).toBe('INVALID_BODY');
  const read = await readJson(post('{"id":1}'), schema);
  expect('refused' in read && ((await read.refused.json()) as { detail: string }).detail).toContain('id: ');
});
