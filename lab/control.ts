/**
 * The lab's remote control, for the command line, the tests and the end-to-end tests alike.
 *
 * ```ts
 * const lab = openLab();
 * await lab.up();
 * await lab.kill('host-1/rabbitmq');
 * ```
 */
import { existsSync, rmSync } from 'node:fs';
import { labContext, readSettings } from './context.ts';
import { endLab } from './end-lab.ts';
import { LabError } from './error.ts';
import { endpointsOf, HOSTS, type Host, MEMBERS, type MemberId, placeOf, type Role, resolveTarget } from './layout.ts';
import { DEFAULT_LAB_DIR, type LabPaths, labPaths, memberLog } from './paths.ts';
import type { Problem } from './probes/problem.ts';
import { killMembers, markedProcesses, SUPERVISOR } from './processes.ts';
import { ask, type Exit, type MemberReport, type MemberState, type MemberVerb, SupervisorGone } from './protocol.ts';
import { type OnStep, step, waitFor } from './steps.ts';
import { livingReport, type UpOptions, up } from './up.ts';
import { wholeProblems } from './whole.ts';

const ORDER_LIMIT_MS = 60_000;
const DOWN_LIMIT_MS = 60_000;

/** A host's name, or a process's: `host-1`, `host-1/redis`, `lab/epmd`. */
export type Target = Host | MemberId;

/** One process of the lab, as `status --json` shows it. */
export type MemberStatus = {
  readonly id: MemberId;
  /** `null` for epmd, which belongs to no host. */
  readonly host: Host | null;
  readonly role: Role | null;
  readonly state: MemberState;
  /** The first process, while it lives. */
  readonly pid: number | null;
  /** All its processes. */
  readonly pids: readonly number[];
  /** ISO time of the last change of state; `null` when unknown (the supervisor is dead). */
  readonly since: string | null;
  /** How the last run ended. */
  readonly exit: Exit | null;
  readonly restarts: number;
  /** Purpose → `address:port`. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly log: string;
};

/** The whole lab, as `status --json` shows it. */
export type LabStatus = {
  readonly dir: string;
  /** `dead`: processes of the lab live, their supervisor does not. */
  readonly supervisor: { readonly state: 'running' | 'dead' | 'none'; readonly pid: number | null };
  readonly ratePerSecond: number;
  readonly whole: boolean;
  /** Why the lab is not whole. */
  readonly problems: readonly Problem[];
  readonly members: readonly MemberStatus[];
};

/** One lab. All methods throw `LabError` with a message for people. */
export type Lab = {
  readonly paths: LabPaths;
  /** Returns when the lab is whole; `fresh` says whether it began with empty data. */
  readonly up: (options?: UpOptions) => Promise<{ readonly fresh: boolean }>;
  /** Returns when no process of the lab is left, whether or not its supervisor lives. */
  readonly down: (options?: { readonly onStep?: OnStep }) => Promise<void>;
  readonly status: () => Promise<LabStatus>;
  /** SIGKILL. A role with a restart rule (beat) comes back after a second unless a whole host is killed. */
  readonly kill: (target: Target) => Promise<readonly MemberStatus[]>;
  /** SIGTERM, after a limit SIGKILL; stays down. */
  readonly stop: (target: Target) => Promise<readonly MemberStatus[]>;
  /** Starts what does not run, continues what is paused. */
  readonly start: (target: Target) => Promise<readonly MemberStatus[]>;
  /** SIGSTOP. */
  readonly pause: (target: Target) => Promise<readonly MemberStatus[]>;
  /** SIGCONT. */
  readonly resume: (target: Target) => Promise<readonly MemberStatus[]>;
  /** What is not whole right now, from the real servers. */
  readonly problems: () => Promise<readonly Problem[]>;
  /** Returns when the lab is whole by itself, without starting anything. */
  readonly waitWhole: (options: { readonly limitMs: number; readonly onStep?: OnStep }) => Promise<void>;
  /** Power cut: SIGKILL of the supervisor alone, whose processes live on without it. */
  readonly cutSupervisor: () => Promise<void>;
};

/** The lab in `dir`, `<project>/.lab` where none is given; nothing is touched until a method is called. */
export function openLab(dir: string = DEFAULT_LAB_DIR): Lab {
  const paths = labPaths(dir);
  const act = (verb: MemberVerb) => (target: Target) => order(paths, verb, target);
  return {
    paths,
    up: (options = {}) => up(paths, options),
    down: ({ onStep = () => undefined } = {}) => down(paths, onStep),
    status: () => status(paths),
    kill: act('kill'),
    stop: act('stop'),
    start: act('start'),
    pause: act('pause'),
    resume: act('resume'),
    problems: () => problems(paths),
    waitWhole: ({ limitMs, onStep = () => undefined }) =>
      waitFor(paths, { title: 'whole again', limitMs, onStep, problems: () => problems(paths) }),
    cutSupervisor: () => killMembers(paths.root, [SUPERVISOR]),
  };
}

async function order(paths: LabPaths, verb: MemberVerb, target: Target): Promise<readonly MemberStatus[]> {
  const members = resolve(target);
  const wholeHost = (HOSTS as readonly string[]).includes(target);
  try {
    const report = await ask(paths.socket, { verb, members, wholeHost }, { limitMs: ORDER_LIMIT_MS });
    return memberStatuses(paths, report.members).filter(({ id }) => members.includes(id));
  } catch (error) {
    if (error instanceof SupervisorGone) throw new LabError(`No lab runs in ${paths.root} (${error.message})`);
    throw error;
  }
}

function resolve(target: string): readonly MemberId[] {
  try {
    return resolveTarget(target);
  } catch (error) {
    throw new LabError((error as Error).message);
  }
}

async function down(paths: LabPaths, onStep: OnStep): Promise<void> {
  const end = async (work: (onProgress: (title: string) => void) => Promise<unknown>) => {
    let last: { title: string; startedMs: number } | undefined;
    const close = () =>
      last && onStep({ kind: 'done', title: last.title, elapsedMs: performance.now() - last.startedMs });
    await work((title) => {
      close();
      last = { title, startedMs: performance.now() };
      onStep({ kind: 'begin', title, elapsedMs: 0 });
    });
    close();
  };
  // A supervisor that hangs says nothing either; then its lab is ended without it.
  if ((await livingReport(paths)) !== undefined) {
    try {
      await end((onProgress) => ask(paths.socket, { verb: 'down' }, { limitMs: DOWN_LIMIT_MS, onProgress }));
    } catch (error) {
      if (!(error instanceof SupervisorGone)) throw error;
    }
  }
  if (markedProcesses(paths.root).some(({ member }) => member !== SUPERVISOR)) {
    await end((onProgress) => endLab(paths.root, onProgress));
  }
  await step(onStep, 'nothing left', () => killMembers(paths.root, [SUPERVISOR]));
  for (const file of [paths.socket, paths.state]) rmSync(file, { force: true });
}

async function problems(paths: LabPaths): Promise<readonly Problem[]> {
  if (!existsSync(paths.settings) || markedProcesses(paths.root).length === 0) {
    return [{ what: 'the lab is down', members: [] }];
  }
  return wholeProblems(labContext(paths));
}

async function status(paths: LabPaths): Promise<LabStatus> {
  const report = await livingReport(paths);
  const processes = markedProcesses(paths.root);
  const supervisor = processes.find(({ member }) => member === SUPERVISOR);
  const state = report !== undefined ? 'running' : processes.length > 0 ? 'dead' : 'none';
  const found = await problems(paths);
  const members = memberStatuses(paths, report?.members ?? []);
  const stalled = members.filter((member) => member.state !== 'running');
  return {
    dir: paths.root,
    supervisor: { state, pid: report?.pid ?? supervisor?.pid ?? null },
    ratePerSecond: readSettings(paths).ratePerSecond,
    whole: state === 'running' && found.length === 0 && stalled.length === 0,
    problems: found,
    members,
  };
}

/** The supervisor's words, completed from /proc; without a supervisor from /proc alone. */
function memberStatuses(paths: LabPaths, reports: readonly MemberReport[]): readonly MemberStatus[] {
  const processes = markedProcesses(paths.root);
  return MEMBERS.map((id) => {
    const place = placeOf(id);
    const report = reports.find((candidate) => candidate.id === id);
    const own = processes.filter(({ member }) => member === id);
    const seen: MemberState = own.length === 0 ? 'stopped' : own.every(({ paused }) => paused) ? 'paused' : 'running';
    return {
      id,
      host: place?.host ?? null,
      role: place?.role ?? null,
      state: report?.state ?? seen,
      pid: report === undefined ? (own[0]?.pid ?? null) : report.pid,
      pids: own.map(({ pid }) => pid),
      since: report === undefined ? null : new Date(report.sinceMs).toISOString(),
      exit: report?.exit ?? null,
      restarts: report?.restarts ?? 0,
      endpoints: endpointsOf(id),
      log: memberLog(paths, id),
    };
  });
}
