/**
 * Finds the lab's processes by the mark in their environment, never by name: every process that the lab starts, and all
 * that those start in turn, carry the lab's directory and their member's id, whatever group or session they moved to.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MemberId } from './layout.ts';

/** Names the lab directory. */
export const LAB_MARK = 'TRELLIS_LAB';
/** Names the member, or `supervisor`. */
export const MEMBER_MARK = 'TRELLIS_LAB_MEMBER';
/** The value of `MEMBER_MARK` in the supervisor itself. */
export const SUPERVISOR = 'supervisor';

/** A living process of some lab. */
export type MarkedProcess = {
  readonly pid: number;
  readonly parentPid: number;
  /** Stopped by SIGSTOP. */
  readonly paused: boolean;
  /** The lab's directory. */
  readonly lab: string;
  readonly member: string;
  /** The command line, cut to 200 characters. */
  readonly command: string;
};

/** Every living process of the lab in `root`, or of any lab. Processes of other users are not visible without root. */
export function markedProcesses(root?: string): readonly MarkedProcess[] {
  const found: MarkedProcess[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const process = readMarked(pid);
    if (process !== undefined && (root === undefined || process.lab === root)) found.push(process);
  }
  return found;
}

/** The processes of some members of the lab in `root`. */
export function memberProcesses(
  root: string,
  ids: readonly (MemberId | typeof SUPERVISOR)[],
): readonly MarkedProcess[] {
  const wanted = new Set<string>(ids);
  return markedProcesses(root).filter((process) => wanted.has(process.member));
}

/** What a process looks like, or `undefined` when it is gone, a zombie, somebody else's, or of no lab. */
function readMarked(pid: number): MarkedProcess | undefined {
  const environment = readProc(pid, 'environ');
  if (environment === undefined || !environment.includes(`${LAB_MARK}=`)) return undefined;
  const variables = environment.split('\0');
  const lab = valueOf(variables, LAB_MARK);
  const stat = readProc(pid, 'stat');
  if (lab === undefined || stat === undefined) return undefined;
  // The command's name stands in brackets and may itself hold brackets and spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return {
    pid,
    parentPid: Number(fields[1]),
    paused: fields[0] === 'T',
    lab,
    member: valueOf(variables, MEMBER_MARK) ?? '',
    command: commandOf(pid),
  };
}

function valueOf(variables: readonly string[], name: string): string | undefined {
  return variables.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** A process's command line, cut to 200 characters; empty when it cannot be read. */
export function commandOf(pid: number): string {
  return (readProc(pid, 'cmdline') ?? '')
    .replaceAll(/[\s\0]+/g, ' ')
    .trim()
    .slice(0, 200);
}

/** The lab directory in a process's environment, `undefined` when it has none or cannot be read. */
export function labOf(pid: number): string | undefined {
  return readMarked(pid)?.lab;
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined; // ended meanwhile, or another user's
  }
}

/** For how long a process has been running, in milliseconds; 0 when it is gone. */
export function ageMs(pid: number): number {
  const START_TIME_FIELD = 19;
  const TICK_MS = 10; // the kernel shows user space 100 ticks a second, whatever it uses itself
  const stat = readProc(pid, 'stat');
  if (stat === undefined) return 0;
  const startedMs = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD]) * TICK_MS;
  return uptime() * 1000 - startedMs;
}

/** Sends a signal; a process that has just ended is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The processes whose parent is not one of them: those that SIGTERM is for; they end their children themselves. */
export function topmost(processes: readonly MarkedProcess[]): readonly MarkedProcess[] {
  const pids = new Set(processes.map((process) => process.pid));
  return processes.filter((process) => !pids.has(process.parentPid));
}

/**
 * Ends members for certain: SIGKILL to every process of theirs in one burst, again until none is left (a fork may be
 * under way while the first burst flies), and waits until their sockets are free.
 */
export async function killMembers(root: string, ids: readonly (MemberId | typeof SUPERVISOR)[]): Promise<void> {
  const dying = new Set<number>();
  for (;;) {
    const alive = memberProcesses(root, ids);
    for (const { pid } of alive) {
      signal(pid, 'SIGKILL');
      dying.add(pid);
    }
    if (alive.length === 0 && [...dying].every(isGone)) return;
    await sleep(10);
  }
}

/**
 * Whether a process holds nothing any more. A dying one loses its environment, and so its mark, before its sockets are
 * closed; and its first thread may be a zombie while others still hold them.
 */
function isGone(pid: number): boolean {
  const stat = readProc(pid, 'stat');
  if (stat === undefined) return true;
  try {
    return /\) [ZX] /.test(stat) && readdirSync(`/proc/${pid}/task`).length <= 1;
  } catch {
    return true;
  }
}

/** Ends members politely: SIGCONT and SIGTERM to the topmost processes; after `limitMs` SIGKILL to whatever is left. */
export async function terminateMembers(root: string, ids: readonly MemberId[], limitMs: number): Promise<void> {
  const processes = memberProcesses(root, ids);
  const leaders = new Set(topmost(processes).map(({ pid }) => pid));
  for (const { pid } of processes) signal(pid, 'SIGCONT');
  for (const pid of leaders) signal(pid, 'SIGTERM');
  const endMs = performance.now() + limitMs;
  while (performance.now() < endMs && memberProcesses(root, ids).some(({ pid }) => leaders.has(pid))) await sleep(50);
  await killMembers(root, ids);
  while (!processes.every(({ pid }) => isGone(pid))) await sleep(10);
}

/** Stops (SIGSTOP) or continues (SIGCONT) every process of some members, and looks again until it is so. */
export async function setPaused(root: string, ids: readonly MemberId[], paused: boolean): Promise<void> {
  for (let round = 0; round < 100; round += 1) {
    const others = memberProcesses(root, ids).filter((process) => process.paused !== paused);
    if (others.length === 0) return;
    for (const { pid } of others) signal(pid, paused ? 'SIGSTOP' : 'SIGCONT');
    await sleep(10);
  }
}
