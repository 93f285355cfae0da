/** `npm run dev`: Next's development server, started again whenever server/ or lib/ changes (Next reloads only routes). */
import { type ChildProcess, spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, configPath, listenAddress, loadConfig } from '#server/config/load.ts';

const root = join(import.meta.dirname, '..', '..');
/** An editor writes several files at once; one restart is enough. */
const SETTLE_MS = 200;

const { values } = parseArgs({ options: { config: { type: 'string' } } });
const path = configPath(values.config);
let child: ChildProcess | null = null;
let restarting: NodeJS.Timeout | null = null;

function start(): void {
  try {
    const { host, port } = listenAddress(loadConfig(path).listen);
    const args = ['dev', '--hostname', host, '--port', String(port)];
    child = spawn(join(root, 'node_modules', '.bin', 'next'), args, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, TRELLIS_CONFIG: path, NEXT_TELEMETRY_DISABLED: '1' },
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

function restart(): void {
  if (restarting !== null) clearTimeout(restarting);
  restarting = setTimeout(() => {
    if (child === null) return start();
    child.once('exit', start);
    child.kill('SIGTERM');
  }, SETTLE_MS);
}

start();
for (const dir of ['server', 'lib']) watch(join(root, dir), { recursive: true }, restart);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    child?.once('exit', () => process.exit(0));
    child?.kill(signal);
  });
}
