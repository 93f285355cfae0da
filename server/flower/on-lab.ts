/** For tests on the lab: the real build over the real estate, with Flower's writes on, and tokens to ask it with. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { openTokens } from '#server/auth/tokens.ts';

const START_LIMIT_MS = 30_000;
const START = join(import.meta.dirname, '..', 'cli', 'start.ts');

/** A Trellis of its own on `port`, with the lab's configuration (`yaml`) otherwise. */
export async function trellisOnLab(yaml: string, port: number) {
  const dir = mkdtempSync(join(tmpdir(), 'trellis-flower-'));
  const config = join(dir, 'trellis.yaml');
  const own = { listen: `127.0.0.1:${port}`, dataDir: 'data', flower: { writes: true } };
  // A queue of its own: another Trellis on the lab would take half of the events away.
  const celery = { events: { mode: 'exclusive', queue: `trellis.events.${port}` } };
  writeFileSync(config, stringify({ ...parse(yaml), ...own, celery }));
  const child: ChildProcess = spawn(process.execPath, [START, '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      said += String(chunk);
    });
  const base = `http://127.0.0.1:${port}`;
  const isLive = () =>
    fetch(`${base}/api/health/live`).then(
      ({ ok }) => ok,
      () => false,
    );
  const until = Date.now() + START_LIMIT_MS;
  while (!(await isLive())) {
    if (Date.now() > until) throw new Error(`Trellis did not start: ${said}`);
    await pause(100);
  }
  const tokens = openTokens(join(dir, 'data', 'tokens.json'), () => Date.now());
  const { token } = tokens.create({ name: 'flower', role: 'admin', scopes: ['flower'], days: 1, by: 'test' });
  return {
    base,
    /** An answer to a question of Flower's. */
    get: (path: string, init?: RequestInit) => fetch(`${base}/flower${path}`, init),
    /** An answer to a command of Flower's, with the token as the password, as its scripts send it. */
    post: (path: string, body?: unknown) =>
      fetch(`${base}/flower${path}`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`flower:${token}`)}` },
        ...(body === undefined ? {} : { body: body instanceof URLSearchParams ? body : JSON.stringify(body) }),
      }),
    /** Everything that it logged. */
    log: () => said,
    /** Every file that it keeps, as it lies on the disk. */
    onDisk: () =>
      readdirSync(join(dir, 'data'))
        .map((name) => readFileSync(join(dir, 'data', name), 'latin1'))
        .join('\n'),
    async end() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      rmSync(dir, { recursive: true });
    },
  };
}
