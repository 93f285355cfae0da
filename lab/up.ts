/** Brings a lab up, or makes a living one whole again. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { labContext, readSettings, writeSettings } from './context.ts';
import { LabError } from './error.ts';
import { EPMD, hostsOf, MEMBERS, type MemberId, memberId, type Role } from './layout.ts';
import { withLock } from './lock.ts';
import { tail } from './logs.ts';
import { LAB_CODE_DIR, type LabPaths } from './paths.ts';
import { describeConflicts, findConflicts } from './ports.ts';
import { prepareFresh } from './prepare.ts';
import { hostsWithoutBeatSession } from './probes/consul.ts';
import type { Problem } from './probes/problem.ts';
import { killMembers, markedProcesses, SUPERVISOR } from './processes.ts';
import { markedEnvironment, missingPackages } from './programs.ts';
import { ask, type MemberVerb, SupervisorGone, type SupervisorReport } from './protocol.ts';
import { seedCommand } from './roles/celery.ts';
import { type OnStep, step, waitFor } from './steps.ts';
import { CHECKS, type CheckName, wholeProblems } from './whole.ts';

const SUPERVISOR_LIMIT_MS = 10_000;
const REPORT_LIMIT_MS = 3_000;
const ORDER_LIMIT_MS = 60_000;
const FINAL_LIMIT_MS = 60_000;
/** A `consul lock` that was just started has its session well before. */
const SESSION_LIMIT_MS = 5_000;
/** A generator that lives for so long has had time to publish. */
const TRAFFIC_LIMIT_MS = 20_000;
/** A Unix socket's path may not be longer (sun_path, with its closing zero). */
const SOCKET_PATH_LIMIT = 107;

/** How `up` is wanted. */
export type UpOptions = {
  /** Tasks per second of the traffic; as before, or 20, where none is given. */
  readonly ratePerSecond?: number;
  readonly onStep?: OnStep;
};

/**
 * Returns when the lab is whole. A lab without a living supervisor begins with fresh data; in a living one whatever is
 * missing or paused is started.
 * @throws LabError with a message that names what is in the way or what hangs.
 */
export async function up(paths: LabPaths, options: UpOptions): Promise<{ readonly fresh: boolean }> {
  const onStep = options.onStep ?? (() => undefined);
  if (Buffer.byteLength(paths.socket) > SOCKET_PATH_LIMIT) {
    throw new LabError(`The path ${paths.socket} is too long for a Unix socket. Choose a shorter one with --dir.`);
  }
  mkdirSync(paths.root, { recursive: true });
  const onWait = (pid: number, elapsedMs: number) =>
    onStep({ kind: 'waiting', title: 'one `up` at a time', elapsedMs, detail: `pid ${pid} is at work on this lab` });
  return withLock(paths.upLock, onWait, async () => {
    const fresh = (await livingReport(paths)) === undefined;
    if (fresh) await beginAfresh(paths, options, onStep);
    else if (await isWholeAsWanted(paths, options)) return { fresh };
    else await applyRate(paths, options, onStep);
    await bringUp(paths, fresh, onStep);
    return { fresh };
  });
}

/** The supervisor's report, `undefined` where none lives. */
export async function livingReport(paths: LabPaths): Promise<SupervisorReport | undefined> {
  try {
    return await ask(paths.socket, { verb: 'report' }, { limitMs: REPORT_LIMIT_MS });
  } catch (error) {
    if (error instanceof SupervisorGone) return undefined;
    throw error;
  }
}

async function isWholeAsWanted(paths: LabPaths, { ratePerSecond }: UpOptions): Promise<boolean> {
  if (ratePerSecond !== undefined && ratePerSecond !== readSettings(paths).ratePerSecond) return false;
  const report = await livingReport(paths);
  if (report?.members.some(({ state }) => state !== 'running')) return false;
  return (await wholeProblems(labContext(paths))).length === 0;
}

async function applyRate(paths: LabPaths, { ratePerSecond }: UpOptions, onStep: OnStep): Promise<void> {
  if (ratePerSecond === undefined || ratePerSecond === readSettings(paths).ratePerSecond) return;
  await step(onStep, `traffic at ${ratePerSecond} tasks/s`, async () => {
    writeSettings(paths, { ratePerSecond });
    await order(paths, 'stop', all('traffic'));
  });
}

async function beginAfresh(paths: LabPaths, options: UpOptions, onStep: OnStep): Promise<void> {
  const leftovers = new Set(markedProcesses(paths.root).map(({ member }) => member as MemberId));
  if (leftovers.size > 0) {
    await step(onStep, `ending ${leftovers.size} processes of a lab whose supervisor died`, () =>
      killMembers(paths.root, [...leftovers]),
    );
  }
  await step(onStep, 'programs and ports', () => {
    const missing = missingPackages();
    if (missing.length > 0) throw new LabError(`The lab needs these Debian packages: ${missing.join(', ')}`);
    refuseConflicts(paths, MEMBERS);
  });
  await step(onStep, 'fresh data', () =>
    prepareFresh(paths, { ratePerSecond: options.ratePerSecond ?? readSettings(paths).ratePerSecond }),
  );
  await step(onStep, 'supervisor', () => startSupervisor(paths));
}

function refuseConflicts(paths: LabPaths, ids: readonly MemberId[]): void {
  const conflicts = findConflicts(paths.root, ids);
  if (conflicts.length > 0) throw new LabError(describeConflicts(conflicts));
}

async function startSupervisor(paths: LabPaths): Promise<void> {
  const log = openSync(paths.supervisorLog, 'a', 0o600);
  spawn(process.execPath, [join(LAB_CODE_DIR, 'supervisor.ts'), paths.root], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: paths.root,
    env: markedEnvironment(paths.root, SUPERVISOR),
  }).unref();
  const startedMs = performance.now();
  while ((await livingReport(paths)) === undefined) {
    if (performance.now() - startedMs > SUPERVISOR_LIMIT_MS) {
      const lines = tail(paths.supervisorLog, 10).join('\n');
      throw new LabError(`The supervisor does not answer; its log is ${paths.supervisorLog}:\n${lines}`);
    }
    await sleep(50);
  }
}

/** Starts what does not run, each layer when what it stands on is there, and waits for every condition. */
async function bringUp(paths: LabPaths, fresh: boolean, onStep: OnStep): Promise<void> {
  const report = await livingReport(paths);
  const missing = report?.members.filter(({ state }) => state !== 'running').map(({ id }) => id) ?? [];
  if (!fresh) refuseConflicts(paths, missing);
  const started: MemberId[] = [];
  const start = async (...members: readonly MemberId[]) => {
    await order(paths, 'start', members);
    started.push(...members);
  };
  const hopeless = () => deadMember(paths, started);
  const reach = async (...names: CheckName[]) => {
    for (const { name, title, limitMs, problems } of CHECKS) {
      if (!names.includes(name)) continue;
      const look = async () => {
        if (name === 'beat') await wakeBeats(paths);
        const found = await problems(labContext(paths));
        if (name === 'traffic' && found.length > 0) await reviveTraffic(paths);
        return found;
      };
      await waitFor(paths, { title, limitMs, onStep, problems: look, hopeless });
    }
  };

  await step(onStep, 'starting servers', () =>
    start(EPMD, ...all('rabbitmq'), ...all('redis'), ...all('consul'), ...all('haproxy')),
  );
  const seeded = seedSchedules(paths);
  seeded.catch(() => undefined); // awaited below; it may fail while something else is being waited for
  // A Sentinel that starts before its Redis would begin with a failover. In a lab that has lived, only the Sentinels
  // can settle who is master.
  if (fresh) await reach('redis');
  await start(...all('sentinel'));
  await reach(...(fresh ? [] : (['redis'] as const)), 'consul');
  await step(onStep, 'schedules for beat', () => seeded);
  await start(...all('beat'));
  await reach('rabbitmq');
  await step(onStep, 'starting workers', () => start(...all('worker')));
  await reach('sentinels', 'haproxy', 'workers');
  await step(onStep, 'starting traffic', () => start(...all('traffic')));
  await reach('mirrors', 'beat', 'traffic');
  await waitFor(paths, {
    title: 'everything at once',
    limitMs: FINAL_LIMIT_MS,
    onStep,
    problems: () => wholeProblems(labContext(paths)),
    hopeless,
  });
}

/** One of the started members that has ended by itself: nothing more can come of it. */
async function deadMember(paths: LabPaths, started: readonly MemberId[]): Promise<Problem | undefined> {
  const report = await livingReport(paths);
  if (report === undefined) return { what: 'the lab was taken down while it came up', members: [] };
  const dead = report.members.find(({ id, state }) => started.includes(id) && state === 'exited' && !isRestarted(id));
  if (dead === undefined) return undefined;
  const how = dead.exit?.signal ?? `code ${dead.exit?.code}`;
  return { what: `${dead.id} ended (${how}) while the lab came up`, members: [dead.id] };
}

/** Restarts every beat that has been running for long and has no session: it waits in vain. */
async function wakeBeats(paths: LabPaths): Promise<void> {
  const deaf = (await hostsWithoutBeatSession()).map((host) => memberId(host, 'beat'));
  const settledBeforeMs = Date.now() - SESSION_LIMIT_MS;
  const report = await livingReport(paths);
  const members = report?.members.filter(({ id, state, sinceMs }) => {
    return deaf.includes(id) && state === 'running' && sinceMs < settledBeforeMs;
  });
  // Its restart rule brings it back.
  if (members?.length)
    await order(
      paths,
      'kill',
      members.map(({ id }) => id),
    );
}

/**
 * Restarts a traffic generator that has been running for long and still publishes nothing: Celery's result client gives
 * up for good after too many failed reconnections ("must be restarted").
 */
async function reviveTraffic(paths: LabPaths): Promise<void> {
  const settledBeforeMs = Date.now() - TRAFFIC_LIMIT_MS;
  const report = await livingReport(paths);
  const stuck = report?.members.filter(({ id, state, sinceMs }) => {
    return all('traffic').includes(id) && state === 'running' && sinceMs < settledBeforeMs;
  });
  if (!stuck?.length) return;
  const members = stuck.map(({ id }) => id);
  await order(paths, 'kill', members);
  await order(paths, 'start', members);
}

function isRestarted(id: MemberId): boolean {
  return id === EPMD || id.endsWith('/beat');
}

/** Creates the schedule database; does nothing where it exists. */
async function seedSchedules(paths: LabPaths): Promise<void> {
  if (existsSync(paths.beatDatabase)) return;
  const { argv, env } = seedCommand(labContext(paths));
  const [file, ...args] = argv;
  const logFile = join(paths.logs, 'seed.log');
  const log = openSync(logFile, 'a', 0o600);
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: ['ignore', log, log],
      env: markedEnvironment(paths.root, 'seed', env),
    });
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0)
    throw new LabError(`The schedules could not be written; ${logFile}:\n${tail(logFile, 12).join('\n')}`);
}

async function order(paths: LabPaths, verb: MemberVerb, members: readonly MemberId[]): Promise<void> {
  await ask(paths.socket, { verb, members, wholeHost: false }, { limitMs: ORDER_LIMIT_MS });
}

function all(role: Role): readonly MemberId[] {
  return hostsOf(role).map((host) => memberId(host, role));
}
