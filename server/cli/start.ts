/** `npm start`: checks everything that can be wrong before Next starts, then serves in this process. */
import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ConfigError, configPath, listenAddress, loadConfig } from '#server/config/load.ts';

const USAGE = 'Usage: npm start -- [--config trellis.yaml]';
const SERVER = join(import.meta.dirname, '..', '..', '.next', 'standalone', 'server.js');

/** Something that a person can mend; shown without a stack. */
class StartError extends Error {}

/**
 * Both are read before anything of ours runs, so the process replaces itself once (same id, same signals): small young
 * generations and two malloc arenas instead of one for each thread leave a fifth of the memory.
 */
const HEAP_FLAG = '--max-semi-space-size=8';
const MALLOC_ARENAS = { MALLOC_ARENA_MAX: '2' } as const;

function beFrugal(): void {
  const { execve, execPath, execArgv, argv, env } = process;
  if (execve === undefined || env.MALLOC_ARENA_MAX !== undefined || process.platform === 'win32') return;
  execve.call(process, execPath, [execPath, HEAP_FLAG, ...execArgv, ...argv.slice(1)], { ...env, ...MALLOC_ARENAS });
}

async function main(): Promise<void> {
  const { config: path } = options();
  const config = loadConfig(path);
  const { host, port } = listenAddress(config.listen);
  if (!existsSync(SERVER)) throw new StartError('Trellis is not built yet. Run: npm run build');
  prepareDataDir(config.dataDir);
  await claimable(config.listen, host, port);

  Object.assign(process.env, {
    TRELLIS_CONFIG: path,
    HOSTNAME: host,
    PORT: String(port),
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    // Next would end the process while a drill is being taken back; server/runtime/drain.ts ends it.
    NEXT_MANUAL_SIG_HANDLE: '1',
    // Behind a proxy that keeps connections for longer, Next's 5 s would end in 502s.
    KEEP_ALIVE_TIMEOUT: process.env.KEEP_ALIVE_TIMEOUT ?? '75000',
  });
  await import(pathToFileURL(SERVER).href);
  process.stdout.write(`Trellis is at http://${config.listen} and watches ${config.estate.name} (${path})\n`);
}

function options(): { config: string } {
  try {
    const { values } = parseArgs({ options: { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
    if (values.help) {
      process.stdout.write(`${USAGE}\n`);
      process.exit(0);
    }
    return { config: configPath(values.config) };
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n${USAGE}`);
  }
}

function prepareDataDir(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw new StartError(`dataDir: cannot create ${dir}: ${(error as Error).message}`);
  }
}

/** Binds and lets go: Next would otherwise end with a stack trace on a taken port. */
function claimable(listen: string, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another process listens there already' : error.message;
      reject(new StartError(`listen: cannot listen on ${listen}: ${why}`));
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

try {
  beFrugal();
  await main();
} catch (error) {
  const known = error instanceof StartError || error instanceof ConfigError;
  process.stderr.write(`${known ? error.message : ((error as Error).stack ?? String(error))}\n`);
  process.exit(1);
}
