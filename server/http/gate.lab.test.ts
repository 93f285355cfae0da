/** The doors of the real build: every route that is in it, asked as nobody should be answered. No lab is needed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const PORT = 3998;
const BASE = `http://127.0.0.1:${PORT}`;
const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;
/** Flower posts this question, as its parameters are long; it changes nothing. */
const QUESTIONS: ReadonlySet<string> = new Set(['POST /flower/tasks/datatable']);
const JSON_TYPE = { 'content-type': 'application/json' };

const dir = mkdtempSync(join(tmpdir(), 'trellis-gate-'));
let child: ChildProcess;
beforeAll(start);
afterAll(async () => {
  await kill();
  rmSync(dir, { recursive: true });
});

async function start(): Promise<void> {
  const path = join(dir, 'trellis.yaml');
  writeFileSync(path, `estate: { name: nobody }\nlisten: 127.0.0.1:${PORT}\ndataDir: data\n`);
  child = spawn(process.execPath, [join(ROOT, 'server/cli/start.ts'), '--config', path], { stdio: 'ignore' });
  const live = () =>
    fetch(`${BASE}/api/health/live`).then(
      ({ ok }) => ok,
      () => false,
    );
  await vi.waitFor(async () => expect(await live()).toBe(true), { timeout: 20_000, interval: 100 });
}

async function kill(): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** The addresses of every route handler that was built; parameters are filled in. */
function builtRoutes(): string[] {
  const manifest = readFileSync(join(ROOT, '.next/app-path-routes-manifest.json'), 'utf8');
  return Object.entries(JSON.parse(manifest) as Record<string, string>)
    .filter(([file, route]) => file.endsWith('/route') && !route.includes('icon'))
    .map(([, route]) => route.replaceAll(/\[[^\]]+\]/g, 'x'));
}

async function statuses(headers: Record<string, string>, body = '{"reason":"because"}'): Promise<Map<string, number>> {
  const asked = builtRoutes().flatMap((route) => METHODS.map((method) => [route, method] as const));
  const answers = new Map<string, number>();
  for (const [route, method] of asked) {
    const { status } = await fetch(BASE + route, { method, headers, body });
    if (status !== 405 && !QUESTIONS.has(`${method} ${route}`)) answers.set(`${method} ${route}`, status);
  }
  return answers;
}

const outside = (answers: Map<string, number>) => [...answers].filter(([, status]) => status < 400 || status >= 500);

test('the routes were found', () => {
  expect(builtRoutes()).toEqual(expect.arrayContaining(['/api/v1/findings/ack', '/api/v1/audit', '/api/v1/session']));
});

test('no route takes a write from another site', async () => {
  const answers = await statuses({ ...JSON_TYPE, 'idempotency-key': 'key-00001', 'sec-fetch-site': 'cross-site' });
  expect(outside(answers)).toEqual([]);
  expect(answers.get('POST /api/v1/findings/ack')).toBe(403);
});

test('no route takes a write under another name of this machine', async () => {
  // fetch sets Host by itself; a plain request may lie.
  const { request } = await import('node:http');
  const asked = request(`${BASE}/api/v1/findings/ack`, {
    method: 'POST',
    headers: { ...JSON_TYPE, host: 'evil.example' },
  });
  const answered = once(asked, 'response');
  asked.end('{}');
  const [{ statusCode }] = (await answered) as [{ statusCode: number }];
  expect(statusCode).toBe(403);
});

test('no route takes a write with credentials that are none', async () => {
  const authorization = `Bearer trls_abcdefgh_${'x'.repeat(43)}`;
  const answers = await statuses({ ...JSON_TYPE, 'idempotency-key': 'key-00001', authorization });
  expect(outside(answers)).toEqual([]);
  expect(answers.get('POST /api/v1/findings/ack')).toBe(401);
});

test('no route takes what a form can send', async () => {
  const answers = await statuses({ 'content-type': 'text/plain' });
  expect(outside(answers)).toEqual([]);
  expect(answers.get('DELETE /api/v1/findings/ack')).toBe(415);
});

test('no route takes a write without a reason, and none without a key', async () => {
  expect(outside(await statuses({ ...JSON_TYPE, 'idempotency-key': 'key-00001' }, '{}'))).toEqual([]);
  expect(outside(await statuses(JSON_TYPE))).toEqual([]);
});

test('an answer outlives kill -9, and the audit is whole afterwards', async () => {
  const body = JSON.stringify({ id: 'none', by: 'ann', hours: 1, reason: 'because' });
  const init = { method: 'POST', headers: { ...JSON_TYPE, 'idempotency-key': 'key-of-the-dead' }, body };
  const first = await fetch(`${BASE}/api/v1/findings/ack`, init);
  const told = await first.json();
  await kill();
  await start();
  const again = await fetch(`${BASE}/api/v1/findings/ack`, init);
  expect([first.status, again.status]).toEqual([404, 404]);
  expect(await again.json()).toEqual(told);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  const { entries, chain } = await (await fetch(`${BASE}/api/v1/audit?target=findings/none`)).json();
  expect(entries.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['failed', null]);
  expect(chain.problems).toEqual([]);
});

test('every page has a policy with a nonce of its own, and each of its scripts carries it', async () => {
  const nonces = new Set<string>();
  for (const path of ['/', '/audit', '/nothing-here']) {
    const response = await fetch(BASE + path);
    const policy = response.headers.get('content-security-policy') ?? '';
    const nonce = /script-src 'self' 'nonce-([^']+)' 'strict-dynamic';/.exec(policy)?.[1] ?? '';
    expect(policy, path).toMatch(/default-src 'self'.*object-src 'none'.*frame-ancestors 'none'/);
    const scripts = [...(await response.text()).matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag);
    expect(scripts.length, path).toBeGreaterThan(1);
    expect(scripts.filter((tag) => !tag.includes(`nonce="${nonce}"`))).toEqual([]);
    nonces.add(nonce);
  }
  expect(nonces.size).toBe(3);
});

test('every answer carries the headers that keep browsers from guessing', async () => {
  for (const path of ['/', '/api/v1/session', '/api/health/live']) {
    const { headers } = await fetch(BASE + path);
    expect(headers.get('x-content-type-options'), path).toBe('nosniff');
    expect(headers.get('referrer-policy'), path).toBe('same-origin');
    expect(headers.get('cross-origin-opener-policy'), path).toBe('same-origin');
    expect(headers.get('cross-origin-resource-policy'), path).toBe('same-origin');
    expect(headers.get('permissions-policy'), path).toContain('camera=()');
  }
  const { headers } = await fetch(`${BASE}/api/v1/session`);
  expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
});
