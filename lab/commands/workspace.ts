/** What the long commands know about the project's folder: its scripts, its environment, the mark of a run. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { allPids, identify, type ProcessIdentity, RUN_MARK, startVariable } from '#lab/leftovers.ts';
import { LAB_MARK } from '#lab/processes.ts';

/** The project's root folder. */
export const ROOT: string = dirname(dirname(import.meta.dirname));

/** The address of Trellis in the demo and in the tests: the one that the lab's trellis.yaml gives it. */
export const TRELLIS = { port: 3000, url: 'http://127.0.0.1:3000' } as const;

/** The single commands of a package.json script, in order; `npm run` of another script is replaced by that one's commands. */
export function scriptCommands(root: string, name: string): string[] {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts?: Record<string, string> };
  const expand = (script: string): string[] =>
    (manifest.scripts?.[script] ?? `npm run ${script}`).split(' && ').flatMap((command) => {
      const other = /^npm run (?:-s )?([\w:-]+)$/.exec(command)?.[1];
      return other === undefined || manifest.scripts?.[other] === undefined ? [command] : expand(other);
    });
  return expand(name);
}

/** The environment for children: the project's own tools first, and the mark by which they are found again. */
export function childEnvironment(root: string, mark: string): NodeJS.ProcessEnv {
  const path = `${join(root, 'node_modules/.bin')}:${process.env.PATH ?? ''}`;
  return { ...process.env, PATH: path, TZ: 'UTC', NEXT_TELEMETRY_DISABLED: '1', [RUN_MARK]: mark };
}

/** Names one run of one command in one folder, so that a later command knows whose process it sees. */
export function markOf(command: string, root: string, { pid, startTicks }: ProcessIdentity): string {
  return `${command}:${pid}:${startTicks}:${root}`;
}

/** The identity of this very process. */
export function ownIdentity(): ProcessIdentity {
  const own = identify(process.pid);
  if (own === undefined) throw new Error('/proc does not show this process');
  return { pid: own.pid, startTicks: own.startTicks };
}

/** Whether the process is still the one that was noted. */
export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  return identify(pid)?.startTicks === startTicks;
}

/** Ends what runs of a command in `root` started and could not end, because they were killed. Returns how many there were. */
export async function endOrphans(command: string, root: string, limitMs = 5_000): Promise<number> {
  const first = orphansOf(command, root);
  for (const { pid } of first) signalProcess(pid, 'SIGTERM');
  const endMs = performance.now() + limitMs;
  while (performance.now() < endMs && orphansOf(command, root).length > 0) await sleep(50);
  for (const { pid } of orphansOf(command, root)) signalProcess(pid, 'SIGKILL');
  return first.length;
}

/** The lab's own processes are not among them: its `down` ends them, in order. */
function orphansOf(command: string, root: string): ProcessIdentity[] {
  return allPids().flatMap((pid) => {
    const [ofCommand, ofPid, startTicks = '', ...ofRoot] = startVariable(pid, RUN_MARK)?.split(':') ?? [];
    if (ofCommand !== command || ofRoot.join(':') !== root || isAlive({ pid: Number(ofPid), startTicks })) return [];
    return startVariable(pid, LAB_MARK) === undefined ? (identify(pid) ?? []) : [];
  });
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Ended meanwhile.
  }
}
