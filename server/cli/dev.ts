/** `npm run dev`: Next's development server, started again whenever server/ or lib/ changes (Next reloads only routes). */
import { type ChildProcess, spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, configPath, listenAddress, loadConfig } from '#server/config/load.ts';
import { TAKE_BACK_LIMIT_MS } from '#server/runtime/drain.ts';

const root = join(import.meta.dirname, '..', '..');
/** An editor writes several files at once; one restart is enough. */
const SETTLE_MS = 200;
/** What Trellis gets to end, a drill taken back first. */
const END_MS = TAKE_BACK_LIMIT_MS + 20_000;

const { values } = parseArgs({ options: { config: { type: 'string' } } });
const path = configPath(values.config);
let child: ChildProcess | null = null;
let restarting: NodeJS.Timeout | null = null;
let isEnding = false;

function start(): void {
  try {
    const { host, port } = listenAddress(loadConfig(path).listen);
    const args = ['dev', '--hostname', host, '--port', String(port)];
    child = spawn(join(root, 'node_modules', '.bin', 'next'), args, {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        TRELLIS_CONFIG: path,
        NEXT_TELEMETRY_DISABLED: '1',
        // Next would end the server, or kill it, while a drill is being taken back.
        NEXT_MANUAL_SIG_HANDLE: '1',
        NEXT_EXIT_TIMEOUT_MS: String(END_MS),
      },
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
    // A second signal would not wait for a drill that is being taken back.
    if (isEnding) return;
    isEnding = true;
    child.once('exit', () => {
      isEnding = false;
      start();
    });
    child.kill('SIGTERM');
  }, SETTLE_MS);
}

start();
for (const dir of ['server', 'lib']) watch(join(root, dir), { recursive: true }, restart);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Not to be started again.
    child?.removeAllListeners('exit');
    child?.once('exit', () => process.exit(0));
    child?.kill(signal);
  });
}
