/** One drill, struck in one step: Trellis killed or stopped, or the run called off. What is wrong afterwards, by the backends' own word. */
import { setPriority } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '#lab/control.ts';
import type { ListedRun, RunAnswer } from '#lib/contract/drills.ts';
import { CHANGES_NOT_TOLD_YET, type DrillId, type DrillPlan } from '#lib/model/drill.ts';
import { waitUntil } from './clock.ts';
import { type DrillClient, DrillRefused, drillClient } from './drill-client.ts';
import { stepHit, type Way } from './drills-break-steps.ts';
import { countWriteOrders, hostsHoldingWrites, shoot } from './estate-shot.ts';
import type { Trellis } from './session.ts';
import {
  type Aspect,
  differences,
  leftBehind,
  neverReleased,
  ROLE_ASPECTS,
  SETTING_ASPECTS,
  type Shot,
  type WriteOrders,
} from './shot-difference.ts';
import { killTrellis } from './task-api.ts';

const REASON = 'bench: drills-break';
const CLEAR_LIMIT_MS = 180_000;
const BEGIN_LIMIT_MS = 30_000;
const STEP_LIMIT_MS = 400_000;
/** What is taken back, and the last canaries judged. */
const END_LIMIT_MS = 600_000;
const RECOVERED_LIMIT_MS = 120_000;
/** Trellis takes back for three minutes at most before it ends. */
const STOP_LIMIT_MS = 200_000;
/** Replicas and proxies follow after some seconds. */
const SETTLE_LIMIT_MS = 30_000;
const WHOLE_LIMIT_MS = 300_000;
/** Roles come to rest within a minute, or the report says what it cannot tell. */
const TOLD_LIMIT_MS = 90_000;
const LOOK_MS = 25;
const STARTS = 3;
/** Of a scheduler that goes from -20 (first) to 19: before Trellis, which comes before the load. */
const FIRST = -15;
/** A call-off has come as far as the run by then; well below the 2 s after which Trellis gives a locked file up. */
const ARRIVED_MS = 400;

/** What is to be struck. */
export type Aimed = { readonly drill: DrillId; readonly way: Way; readonly step: string };

/** One attempt, as it is kept. */
export type Attempt = Aimed & {
  /** The drill's steps, and the place of the one from which the roles have moved; null = it has none. */
  readonly steps: readonly string[];
  readonly pointOfNoReturn: number | null;
  /** The step that it met; null = it came too late, or the run ended otherwise. */
  readonly hit: string | null;
  /** What is wrong; empty = it held. */
  readonly problems: readonly string[];
};

/** The Trellis under test; `again` starts it anew with its data. */
export type Subject = {
  readonly lab: Lab;
  readonly trellis: Trellis;
  /** Where it keeps its runs. */
  readonly runsFile: string;
  readonly again: () => Promise<Trellis>;
};

/** When it is struck: as soon as the step is seen to run, or, for one too short for that, while it cannot be stored as done. */
export type Moment = 'seen' | 'held up';

/** Starts the drill, strikes, and looks at what is left. @throws Error when it could not strike */
export async function attempt(subject: Subject, aimed: Aimed, moment: Moment): Promise<Attempt> {
  const { lab, trellis } = subject;
  const client = drillClient(trellis.url);
  const { plan, before, orders, run } = await begin(client, lab, aimed.drill);
  const steps = plan.steps.map(({ id }) => id);
  const answer = await strike(subject, client, { run, way: aimed.way, index: steps.indexOf(aimed.step), moment });
  const hit = stepHit(answer.run, aimed.way);
  if (hit === null && answer.run.state === 'lost') throw new Error(`the run is lost: ${answer.run.because.join(' ')}`);
  const point = plan.steps.findIndex(({ isPointOfNoReturn }) => isPointOfNoReturn);
  const pointOfNoReturn = point === -1 ? null : point;
  const kept = { ...aimed, steps, pointOfNoReturn, hit };
  if (hit === null) return { ...kept, problems: [] };
  const place = steps.indexOf(hit);
  const isPast = pointOfNoReturn !== null && place >= pointOfNoReturn;
  return { ...kept, problems: await problemsOf(client, lab, { ...aimed, before, orders, answer, isPast, hit: place }) };
}

type Begun = {
  readonly plan: DrillPlan;
  readonly before: Shot;
  readonly orders: Readonly<Record<string, WriteOrders>>;
  readonly run: ListedRun;
};

async function begin(client: DrillClient, lab: Lab, drill: DrillId): Promise<Begun> {
  for (let start = 1; ; start += 1) {
    await client.clearPlan(drill, null, CLEAR_LIMIT_MS);
    const before = await shoot(lab);
    const orders = await countWriteOrders();
    const plan = await client.clearPlan(drill, null, CLEAR_LIMIT_MS);
    try {
      return { plan, before, orders, run: await started(client, plan) };
    } catch (error) {
      // The estate has changed since the plan: another plan may do.
      if (!(error instanceof DrillRefused) || start >= STARTS) throw error;
    }
  }
}

/** The answer to a start comes when the first steps are over: the run is looked for meanwhile. */
async function started(client: DrillClient, plan: DrillPlan): Promise<ListedRun> {
  const last = (await client.newest())?.id ?? null;
  const order: { refused: Error | null } = { refused: null };
  client.start(plan, REASON).catch((error: Error) => {
    order.refused = error;
  });
  const endMs = performance.now() + BEGIN_LIMIT_MS;
  for (;;) {
    const run = await client.newest();
    if (run !== null && run.id !== last) return run;
    if (order.refused !== null) throw order.refused;
    if (performance.now() >= endMs) throw new Error(`${plan.drill} did not begin`);
    await sleep(1);
  }
}

type Strike = { readonly run: ListedRun; readonly way: Way; readonly index: number; readonly moment: Moment };

/** Gives the run at its end. */
async function strike(subject: Subject, client: DrillClient, { run, way, index, moment }: Strike): Promise<RunAnswer> {
  const blow = (): Promise<unknown> => (way === 'abort' ? abort(client, run.id) : end(subject.trellis, way));
  // The step before may be as short: over before an answer over HTTP tells of it.
  await untilBegun(client, run, moment === 'seen' ? index : index - 2);
  if (moment === 'seen') await blow();
  else await heldUp(run.id, index, subject.runsFile, blow);
  if (way === 'abort') return client.follow(run.id, { limitMs: END_LIMIT_MS });
  if (!subject.trellis.child.hasEnded) throw new Error('the step was over before it could be struck');
  const { url } = await subject.again();
  return drillClient(url).follow(run.id, { limitMs: RECOVERED_LIMIT_MS });
}

/** Until a step is seen to have begun; the run itself has. One that is over already was missed, which its report will tell. */
async function untilBegun(client: DrillClient, run: ListedRun, index: number): Promise<void> {
  const endMs = performance.now() + STEP_LIMIT_MS;
  for (let now = run; index >= 0; ) {
    if (now.endedAt !== null || now.steps[index]?.startedAt != null) return;
    if (performance.now() >= endMs) throw new Error(`${run.drill}: ${run.steps[index]?.id} did not begin`);
    const isNext = index === 0 || now.steps[index - 1]?.startedAt != null;
    await sleep(isNext ? 1 : LOOK_MS);
    now = (await client.newest()) ?? now;
  }
}

/** Trellis gone; started again it tells of a run when its recovery has ended. */
async function end(trellis: Trellis, way: 'kill' | 'stop'): Promise<void> {
  if (way === 'kill') await killTrellis(trellis);
  else await trellis.child.stop(STOP_LIMIT_MS);
}

async function abort(client: DrillClient, id: string): Promise<void> {
  await client.abort(id, REASON).catch((error: Error) => {
    if (!(error instanceof DrillRefused)) throw error; // past its last step
  });
}

/**
 * The file is locked as soon as it says that the step runs: it cannot be stored as done until the blow has arrived. Nothing is
 * struck when the step was over before.
 */
async function heldUp(id: string, index: number, runsFile: string, blow: () => Promise<unknown>): Promise<void> {
  // SQLite's own waiting grows to tenths of a second: a step of milliseconds would be over.
  const file = new DatabaseSync(runsFile, { timeout: 0 });
  const step = file.prepare(
    `select record ->> '$.run.endedAt' ended, record ->> '$.run.steps[${index}].startedAt' began,
      record ->> '$.run.steps[${index}].endedAt' over from runs where id = ?`,
  );
  const stateNow = () => {
    const now = step.get(id);
    if (now?.ended != null || now?.over != null) return 'over';
    return now?.began != null ? 'running' : 'waiting';
  };
  const isLocked = () => {
    try {
      file.exec('begin immediate');
      return true;
    } catch {
      return false; // Trellis writes just now
    }
  };
  const endMs = performance.now() + STEP_LIMIT_MS;
  let struck: Promise<unknown> = Promise.resolve();
  try {
    setOwnPriority(FIRST);
    for (let state = stateNow(); state !== 'running' || !isLocked(); state = stateNow()) {
      if (state === 'over') return;
      if (performance.now() >= endMs) throw new Error(`step ${index} did not begin`);
      await (state === 'running' ? setImmediate() : sleep(0));
    }
    if (stateNow() !== 'running') return;
    struck = blow();
    await sleep(ARRIVED_MS);
  } finally {
    file.close(); // rolls back
    setOwnPriority(0);
  }
  await struck;
}

/** Whoever may not (root may) meets a step that lasts for milliseconds less often. */
function setOwnPriority(priority: number): void {
  try {
    setPriority(priority);
  } catch {}
}

type Found = {
  readonly before: Shot;
  readonly orders: Begun['orders'];
  readonly answer: RunAnswer;
  readonly isPast: boolean;
  readonly way: Way;
  readonly drill: DrillId;
  /** Place of the step that was struck. */
  readonly hit: number;
};

/** Everything that is wrong, in the order in which it is looked at. */
async function problemsOf(client: DrillClient, lab: Lab, found: Found): Promise<string[]> {
  const held = await hostsHoldingWrites();
  // A pause runs out by itself, and canaries are judged for longer than that: Redis knows whether it was ended.
  const forgotten = neverReleased(found.orders, await countWriteOrders());
  const first = await shoot(lab);
  const left = [
    ...held.map((host) => `redis on ${host} holds writes back`),
    ...forgotten.map((host) => `redis on ${host} was never told to let writes go`),
    ...leftBehind(first),
  ].map((text) => `left: ${text}`);
  const offered = await takeOffered(client, found, Object.keys(first.stopped));
  const rest = found.isPast ? await problemsPast(client, lab, found) : await problemsBefore(lab, found);
  return [...left, ...offered, ...rest];
}

/** What a killed Trellis offers is taken: it starts no process by itself, and says so. */
async function takeOffered(
  client: DrillClient,
  { answer: { run }, way, hit }: Found,
  stopped: readonly string[],
): Promise<string[]> {
  if (run.state !== 'lost') return [];
  const start = run.steps.findIndex(({ id }) => id === 'start');
  const isDown = run.drill !== 'beat-crash' && hit > 0 && hit < start; // a beat is started by its own supervisor
  const problems = [
    ...(way !== 'kill' ? [`the run is lost: ${run.undoLeft.join('; ')}`] : []),
    ...(run.undoLeft.length === 0 ? ['the run is lost, and nothing is offered'] : []),
    ...(isDown && stopped.length === 0 ? ['a process was started by nobody’s order'] : []),
  ];
  try {
    const after = await client.takeBack(run.id, REASON);
    if (after.run.state !== 'ended') problems.push(`taken back, and still ${after.run.state}`);
  } catch (error) {
    problems.push(`not taken back: ${(error as Error).message}`);
  }
  return problems;
}

/** Before the point of no return: roles and settings as they were. */
async function problemsBefore(lab: Lab, { before, drill }: Found): Promise<string[]> {
  let left: string[] = [];
  await waitUntil(
    async () => {
      left = differences(before, await shoot(lab), [...SETTING_ASPECTS, ...rolesOf(drill)]);
      return left.length === 0;
    },
    SETTLE_LIMIT_MS,
    1_000,
  );
  return left;
}

/** After it: whole, every setting as it was, and the report tells what moved. */
async function problemsPast(client: DrillClient, lab: Lab, { before, answer, drill }: Found): Promise<string[]> {
  const problems: string[] = [];
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS }).catch((error: Error) => {
    problems.push(`not whole: ${error.message.split('\n').slice(0, 3).join(' ')}`);
  });
  const after = await shoot(lab);
  const moved = differences(before, after, rolesOf(drill));
  const changedNow = async () => (await client.run(answer.run.id)).changed;
  const isTold = async () => !(await changedNow()).includes(CHANGES_NOT_TOLD_YET);
  if (!(await waitUntil(isTold, TOLD_LIMIT_MS, 500))) problems.push('the report never tells what changed');
  const changed = await changedNow();
  if (moved.length > 0 && changed.length === 0) problems.push(`the report does not tell: ${moved.join('; ')}`);
  return [...problems, ...differences(before, after, SETTING_ASPECTS)];
}

/** Roles that may move by themselves are asked for only where the drill is about them. */
function rolesOf(drill: DrillId): Aspect[] {
  return ROLE_ASPECTS.filter((aspect) => {
    if (aspect === 'leaders') return /^(queue|broker|host)-/.test(drill);
    if (aspect === 'lock') return /^(beat|host)-/.test(drill);
    if (aspect === 'consul') return /^(consul|host)-/.test(drill);
    return true;
  });
}
