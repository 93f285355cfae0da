/** The lab and the Trellis under test: brought up for a bench, and put away after it. */
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildWith, isBuildNeeded } from '#lab/commands/build.ts';
import { type Child, describeExit, runToEnd } from '#lab/commands/children.ts';
import { requireFreePort, startTrellis } from '#lab/commands/trellis.ts';
import { childEnvironment, endOrphans, markOf, ownIdentity, ROOT, scriptCommands } from '#lab/commands/workspace.ts';
import type { Lab } from '#lab/control.ts';
import type { BenchContext } from './bench.ts';
import { waitUntil } from './clock.ts';
import { LiveStream } from './live-stream.ts';
import { isWholeShown, notOk } from './shown.ts';
import { benchYaml, type TrellisYaml } from './trellis-config.ts';

const BUILD_LIMIT_MS = 600_000;
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;
const SHOWN_LIMIT_MS = 90_000;

/** A Trellis that runs. */
export type Trellis = {
  readonly url: string;
  readonly pid: number;
  readonly child: Child;
  readonly stop: () => Promise<unknown>;
};

/** Makes the lab whole. One that the bench had to start is taken down at its end. */
export async function bringLabUp({ lab, atEnd, say }: BenchContext): Promise<void> {
  const { supervisor } = await lab.status();
  if (supervisor.state === 'none') atEnd('lab down', () => lab.down());
  else atEnd('lab whole again', () => lab.up());
  const startedMs = performance.now();
  await lab.up();
  say(`the lab is whole (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
}

/** Makes the lab whole again; one that is left in ruins begins afresh. @throws Error as the lab, where that fails too */
export async function upForCertain(lab: Lab): Promise<void> {
  try {
    await lab.up();
  } catch {
    await lab.down();
    await lab.up();
  }
}

/** Starts Trellis, built from the sources as they are now, on the bench's own port. */
export async function runTrellis(
  { name, lab, options, atEnd, say }: BenchContext,
  change: (yaml: TrellisYaml) => void = () => undefined,
): Promise<Trellis> {
  const env = childEnvironment(ROOT, markOf('bench', ROOT, ownIdentity()));
  await endOrphans('bench', ROOT);
  await requireFreePort(options.port);
  if (isBuildNeeded(ROOT)) await build(env, say);
  const dir = join(lab.paths.root, 'bench');
  mkdirSync(dir, { recursive: true });
  const config = join(dir, `${name}.yaml`);
  const labYaml = readFileSync(lab.paths.trellisYaml, 'utf8');
  writeFileSync(config, benchYaml(labYaml, options.port, join(dir, 'trellis-data'), change));
  const log = createWriteStream(join(dir, `${name}.trellis.log`));
  const url = `http://127.0.0.1:${options.port}`;
  const child = await startTrellis([process.execPath, 'server/cli/start.ts', '--config', config], {
    cwd: ROOT,
    env,
    onLine: (line) => log.write(`${line}\n`),
    url,
    limitMs: START_LIMIT_MS,
    signal: new AbortController().signal,
  });
  const stop = () => child.stop(STOP_LIMIT_MS);
  atEnd('Trellis ended', stop);
  return { url, pid: child.pid as number, child, stop };
}

/** Opens the stream as a browser does and waits until Trellis shows the whole lab as whole. */
export async function watchStream({ url }: Trellis, { atEnd }: BenchContext): Promise<LiveStream> {
  const live = await LiveStream.open(url);
  atEnd('stream closed', async () => live.close());
  await waitShownWhole(live);
  return live;
}

/**
 * Waits until every card is there and ok.
 * @throws Error that names those that are not.
 */
export async function waitShownWhole(live: LiveStream, limitMs: number = SHOWN_LIMIT_MS): Promise<void> {
  if (await waitUntil(() => isWholeShown(live.model, live.serverNow()), limitMs)) return;
  const cards = notOk(live.model, live.serverNow()).map(({ kind, id, shown }) => `${kind} ${id}: ${shown.word}`);
  throw new Error(`Trellis does not show the lab as whole: ${cards.join(', ') || 'cards are missing'}`);
}

async function build(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<void> {
  say('building Trellis');
  const signal = new AbortController().signal;
  await buildWith(ROOT, async () => {
    for (const command of scriptCommands(ROOT, 'build')) {
      const lines: string[] = [];
      const options = { cwd: ROOT, env, limitMs: BUILD_LIMIT_MS, signal, onLine: (line: string) => lines.push(line) };
      const exit = await runToEnd(['sh', '-c', command], options);
      if (exit.code !== 0) throw new Error(`${describeExit(exit)}: ${command}\n${lines.join('\n')}`);
    }
    return true;
  });
}
