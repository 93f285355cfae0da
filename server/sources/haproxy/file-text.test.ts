import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { takeReading } from '#server/sources/scheduler.ts';
import type { Probe } from '#server/sources/source.ts';
import { FILE_LIMIT_BYTES, fileProblem } from './file-text.ts';
import { haproxySource } from './source.ts';

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'haproxy-file-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

function read(config: string, signal = new AbortController().signal) {
  const source = haproxySource([{ name: 'p', socket: '127.0.1.1:9999', config }], Date.now);
  const probe = source.endpoints[0]?.probes.find((one) => one.name === 'config') as Probe;
  return takeReading('haproxy', 'p', probe, signal, Date.now);
}

test('a proxy whose file is named has its servers’ settings read from it, at no request to the proxy', async () => {
  const path = join(folder(), 'haproxy.cfg');
  writeFileSync(path, 'backend b\n server s 1:1 check inter 1s\n');
  const servers = [{ backend: 'b', name: 's', intervalMs: 1_000, fall: 3, rise: 2, endsSessions: false }];
  expect(await read(path)).toMatchObject({ ok: true, data: { servers } });
  const [endpoint] = haproxySource([{ name: 'p', socket: '127.0.1.1:9999', config: path }], Date.now).endpoints;
  expect(endpoint?.probes.find((one) => one.name === 'config')?.cost).toBe(0);
});

test('a file that is not there, a folder and a pipe that nobody writes to are not found, and say where', async () => {
  const dir = folder();
  const pipe = join(dir, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const path of [join(dir, 'none.cfg'), dir, pipe]) {
    const reading = await read(path);
    expect(reading).toMatchObject({ ok: false, code: 'not-found' });
    expect(reading).toHaveProperty('message', expect.stringContaining(path));
  }
});

test('a file that Trellis’s user may not read is forbidden', () => {
  const refused = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
  expect(fileProblem(refused, '/etc/haproxy/haproxy.cfg')).toMatchObject({ code: 'forbidden' });
  const other = new Error('other');
  expect(fileProblem(other, '/etc/haproxy/haproxy.cfg')).toBe(other);
});

test('a file beyond the limit is too large, something else than a configuration is protocol', async () => {
  const path = join(folder(), 'haproxy.cfg');
  writeFileSync(path, 'hello\n');
  expect(await read(path)).toMatchObject({ ok: false, code: 'protocol' });
  truncateSync(path, FILE_LIMIT_BYTES + 1);
  expect(await read(path)).toMatchObject({ ok: false, code: 'too-large' });
});

test('a reading of the file that is aborted before it begins ends as aborted', async () => {
  const path = join(folder(), 'haproxy.cfg');
  writeFileSync(path, 'global\n');
  expect(await read(path, AbortSignal.abort())).toMatchObject({ ok: false, code: 'aborted' });
});
