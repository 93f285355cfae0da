/**
 * What a run left behind: listeners and processes that were not there before it.
 * Other programs start and end on a machine all the time, so a new process counts only when it carries the run's mark
 * or a lab's mark in its environment, and a listener only on an address that a run uses.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { listeners } from './ports.ts';
import { commandOf, LAB_MARK } from './processes.ts';

/** Names the run, in the environment of everything that the run starts. */
export const RUN_MARK = 'TRELLIS_RUN';

/** A process, told apart from a later one that was given the same number. */
export type ProcessIdentity = { readonly pid: number; readonly startTicks: string };

/** What was there at one moment. */
export type Snapshot = { readonly processes: ReadonlySet<string>; readonly listeners: ReadonlySet<string> };

/** Something that outlived the run. */
export type Leftover = {
  readonly kind: 'process' | 'listener';
  /** `undefined` where the owner of a listener cannot be seen. */
  readonly pid: number | undefined;
  readonly command: string;
  /** `address:port` of a listener. */
  readonly address?: string;
};

/** Which processes and listeners belong to a run. */
export type Scope = {
  /** The value of `RUN_MARK` in the run's processes. */
  readonly mark: string;
  /** The directory of the lab that the run uses; `undefined` where it uses none: then a lab on this machine is not its own. */
  readonly labDir: string | undefined;
  /** Ports on 127.0.0.1 that the run uses; with a lab, every port of 127.0.1.* counts too. */
  readonly ports: readonly number[];
};

/** Notes what is there before a run. */
export function takeSnapshot(scope: Scope): Snapshot {
  return {
    processes: new Set(markedProcesses(scope).map(keyOf)),
    listeners: new Set(runListeners(scope).map(({ key }) => key)),
  };
}

/** Looks until nothing is left or `graceMs` are over (what has been told to end needs a moment), and says what is left. */
export async function findLeftovers(before: Snapshot, scope: Scope, graceMs: number): Promise<readonly Leftover[]> {
  const endMs = performance.now() + graceMs;
  for (;;) {
    const left = compare(before, scope);
    if (left.length === 0 || performance.now() >= endMs) return left;
    await sleep(100);
  }
}

/** One line for each leftover: what it is, its process, its command line, its address. */
export function describeLeftover({ kind, pid, command, address }: Leftover): string {
  const who = pid === undefined ? 'a process that this user cannot see' : `pid ${pid} (${command})`;
  return kind === 'process' ? `process left: ${who}` : `listener left: ${address} of ${who}`;
}

/** The identity of a living process; `undefined` when there is none with this number, or only its zombie. */
export function identify(pid: number): (ProcessIdentity & { readonly groupId: number }) | undefined {
  const fields = statOf(pid);
  const startTicks = fields?.[19];
  if (startTicks === undefined || /[ZX]/.test(fields?.[0] ?? 'Z')) return undefined;
  return { pid, startTicks, groupId: Number(fields?.[2]) };
}

/** The value of an environment variable that a process was started with. */
export function startVariable(pid: number, name: string): string | undefined {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return variables.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
  } catch {
    return undefined; // ended meanwhile, or another user's
  }
}

/** The numbers of all processes. */
export function allPids(): number[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** The process that listens on a port of 127.0.0.1 (or of every address), if one does. */
export function portHolder(port: number): { readonly pid: number | undefined; readonly command: string } | undefined {
  const listener = listeners().find(
    (each) => each.port === port && (each.address === '127.0.0.1' || each.address === '0.0.0.0'),
  );
  if (listener === undefined) return undefined;
  const pid = socketOwners(new Set([listener.inode])).get(listener.inode);
  return { pid, command: pid === undefined ? '' : commandOf(pid) };
}

function compare(before: Snapshot, scope: Scope): Leftover[] {
  const fresh = runListeners(scope).filter(({ key }) => !before.listeners.has(key));
  const owners =
    fresh.length === 0 ? new Map<string, number>() : socketOwners(new Set(fresh.map(({ inode }) => inode)));
  const processes = markedProcesses(scope).filter((each) => !before.processes.has(keyOf(each)));
  return [
    ...processes.map(({ pid }): Leftover => ({ kind: 'process', pid, command: commandOf(pid) })),
    ...fresh.map(({ address, inode }): Leftover => {
      const pid = owners.get(inode);
      return { kind: 'listener', pid, command: pid === undefined ? '' : commandOf(pid), address };
    }),
  ];
}

function keyOf({ pid, startTicks }: ProcessIdentity): string {
  return `${pid}@${startTicks}`;
}

function markedProcesses({ mark, labDir }: Scope): ProcessIdentity[] {
  return allPids().flatMap((pid) => {
    if (pid === process.pid) return [];
    if (startVariable(pid, RUN_MARK) !== mark && !isOfLab(pid, labDir)) return [];
    return identify(pid) ?? [];
  });
}

function isOfLab(pid: number, labDir: string | undefined): boolean {
  return labDir !== undefined && startVariable(pid, LAB_MARK) === labDir;
}

function runListeners({ ports, labDir }: Scope): { key: string; address: string; inode: string }[] {
  return listeners()
    .filter(
      ({ address, port }) =>
        (labDir !== undefined && address.startsWith('127.0.1.')) ||
        ((address === '127.0.0.1' || address === '0.0.0.0') && ports.includes(port)),
    )
    .map(({ address, port, inode }) => ({ key: `${address}:${port}#${inode}`, address: `${address}:${port}`, inode }));
}

function socketOwners(inodes: ReadonlySet<string>): ReadonlyMap<string, number> {
  const owners = new Map<string, number>();
  for (const pid of allPids()) {
    for (const link of openFiles(pid)) {
      const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
      if (inode !== undefined && inodes.has(inode) && !owners.has(inode)) owners.set(inode, pid);
    }
  }
  return owners;
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return []; // closed meanwhile
      }
    });
  } catch {
    return []; // ended meanwhile, or another user's
  }
}

/** The fields of /proc/<pid>/stat after the command's name, which stands in brackets and may itself hold spaces. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
