import { expect, test } from 'vitest';
import { probeFailure } from './failure.ts';
import { serveHttp } from './fault-http.ts';
import { getText } from './http-json.ts';

const coded = (code: string, cause?: unknown) => Object.assign(new Error('m', { cause }), { code });

test('an abort that wraps a deadline is a time-out; a bare one is an abort', () => {
  const deadline = new DOMException('late', 'TimeoutError');
  const wrapped = Object.assign(new Error('aborted', { cause: deadline }), { name: 'AbortError' });
  expect(probeFailure(wrapped).code).toBe('timeout');
  expect(probeFailure(new DOMException('stop', 'AbortError')).code).toBe('aborted');
});

test.each([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'protocol'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'protocol'],
  ['EAI_FAIL', 'name-unknown'],
  ['ECONNABORTED', 'reset'],
])('%s behind a failed fetch is %s', (code, expected) => {
  expect(probeFailure(new TypeError('fetch failed', { cause: coded(code) })).code).toBe(expected);
});

test('of a failure without a code, the message is that of its deepest cause', () => {
  const failure = probeFailure(new TypeError('fetch failed', { cause: new Error('bad port') }));
  expect(failure).toEqual({ code: 'internal', message: 'bad port' });
});

test('a credential that cannot be sent is named as that, and not shown', async () => {
  const server = await serveHttp(() => '[]');
  const headers = { 'x-consul-token': 'planted\nsecret' };
  const failed = await getText(`http://${server.address}/`, { headers, signal: new AbortController().signal }).catch(
    probeFailure,
  );
  await server.stop();
  expect(failed).toMatchObject({ code: 'auth' });
  expect(JSON.stringify(failed)).not.toContain('secret');
});
