/** The launcher as a process, on the real build. No lab is needed: its estate simply does not answer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';

const dir = mkdtempSync(join(tmpdir(), 'trellis-start-'));
const PORT = 3999;
const GOOD = `estate: { name: nobody }
listen: 127.0.0.1:${PORT}
hosts: { host-1: 127.0.9.1 }
rabbitmq: { user: u, password: p, nodes: { rabbit@host-1: { management: http://127.0.9.1:15672, amqp: 127.0.9.1:5672 } } }
redis: { results: { sentinels: [127.0.9.1:26379], master: results } }
haproxy: [ { name: proxy, stats: "http://127.0.9.1:8404/;csv" } ]
consul: { agents: [http://127.0.9.1:8500], locks: { beat: celery/beat } }
`;

let child: ChildProcess | undefined;
afterEach(async () => {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
});
afterAll(() => rmSync(dir, { recursive: true }));

type Ended = { code: number | null; text: string };

function start(yaml: string, env: Record<string, string> = {}): { ended: Promise<Ended> } {
  const path = join(dir, 'trellis.yaml');
  writeFileSync(path, yaml);
  const started = spawn(process.execPath, [join(import.meta.dirname, 'start.ts'), '--config', path], {
    env: { ...process.env, ...env },
  });
  child = started;
  let text = '';
  started.stdout.on('data', (chunk) => (text += chunk));
  started.stderr.on('data', (chunk) => (text += chunk));
  return { ended: once(started, 'exit').then(([code]) => ({ code, text })) };
}

async function ready(): Promise<void> {
  await expect
    .poll(
      () =>
        fetch(`http://127.0.0.1:${PORT}/api/health/ready`).then(
          (r) => r.status,
          () => 0,
        ),
      { timeout: 20_000 },
    )
    .toBe(200);
}

test.each([
  ['an unknown key', `${GOOD}brokers: []\n`, /^ {2}brokers: unknown key$/m],
  [
    'a bad URL',
    GOOD.replace('http://127.0.9.1:15672', 'somewhere'),
    /^ {2}rabbitmq\.nodes\.rabbit@host-1\.management: write it as a URL/m,
  ],
  [
    'a missing secret',
    GOOD.replace('password: p', 'password: { env: TRELLIS_TEST_UNSET }'),
    /^ {2}rabbitmq\.password: .*TRELLIS_TEST_UNSET/m,
  ],
  ['a non-loopback address without a login', GOOD.replace('127.0.0.1', '0.0.0.0'), /^ {2}listen: 0\.0\.0\.0 /m],
])('%s ends the start with code 1 and one message that names the key', async (_, yaml, message) => {
  const { code, text } = await start(yaml).ended;
  expect(text).toMatch(message);
  expect(text).not.toMatch(/^\s+at /m);
  expect(code).toBe(1);
});

test('a taken port ends the start with code 1 and one message that names the key', async () => {
  const other = createServer().listen(PORT, '127.0.0.1');
  await once(other, 'listening');
  try {
    const { code, text } = await start(GOOD).ended;
    expect(text.trim()).toBe(`listen: cannot listen on 127.0.0.1:${PORT}: another process listens there already`);
    expect(code).toBe(1);
  } finally {
    other.close();
  }
});

test('with no backend in reach Trellis starts, is ready, and holds nothing as known', async () => {
  start(GOOD);
  await ready();
  const readings = async () => {
    const { model } = await (await fetch(`http://127.0.0.1:${PORT}/api/v1/estate`)).json();
    return Object.values<{ at: number | null; failure: { code: string } | null }>(model.readings);
  };
  await expect.poll(async () => (await readings()).length, { timeout: 15_000 }).toBeGreaterThanOrEqual(9);
  // The first probe of a Trellis that is still starting may run into its time limit instead.
  const codes = async () => [...new Set((await readings()).map(({ failure }) => failure?.code))];
  await expect.poll(codes, { timeout: 15_000 }).toEqual(['refused']);
  for (const { at } of await readings()) expect(at).toBeNull();
});

test('a Redis that says what nobody asked for does not end Trellis', async () => {
  const sockets: Socket[] = [];
  // ioredis throws on such replies outside of every call that could catch it.
  const noisy = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write('+OK\r\n$-1\r\n*-1\r\n*0\r\n*1\r\n$-1\r\n'));
  }).listen(0, '127.0.0.1');
  await once(noisy, 'listening');
  try {
    const { port } = noisy.address() as AddressInfo;
    start(GOOD.replace('127.0.9.1:26379', `127.0.0.1:${port}`));
    await ready();
    await expect.poll(() => sockets.length, { timeout: 20_000 }).toBeGreaterThan(6);
    await ready();
    expect(child?.exitCode).toBeNull();
  } finally {
    for (const socket of sockets) socket.destroy();
    noisy.close();
  }
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s with an open stream says good-bye and ends in under 2 s with code 0',
  async (signal) => {
    const { ended } = start(GOOD);
    await ready();
    const response = await fetch(`http://127.0.0.1:${PORT}/api/v1/stream`);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    let text = '';
    while (!text.includes('event: snapshot')) text += decoder.decode((await reader.read()).value, { stream: true });

    const askedAt = performance.now();
    child?.kill(signal);
    const { code } = await ended;
    expect(performance.now() - askedAt).toBeLessThan(2_000);
    expect(code).toBe(0);
    for (let part = await reader.read(); !part.done; part = await reader.read())
      text += decoder.decode(part.value, { stream: true });
    expect(text).toContain('event: bye');
  },
);
