/**
 * Events taken in per CPU second, and memory: Trellis (stored and searchable), Celery's own receiver and state, Flower where there
 * is a checkout, and bare consuming and parsing as the floor. All take the same recording of real events from the real broker.
 */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { labContext } from '#lab/context.ts';
import { memberId } from '#lab/layout.ts';
import type { Bench, BenchContext } from './bench.ts';
import { waitUntil } from './clock.ts';
import { deleteEventQueue, openBroker } from './event-broker.ts';
import { type EventMessage, publishEvents } from './event-message.ts';
import { recordingOf } from './event-recording.ts';
import { copiesOf, extentOf, ledgerOf } from './event-rewriting.ts';
import {
  type Contestant,
  flowerProblem,
  startCelery,
  startFloor,
  startFlower,
  trellisContestant,
} from './ingest-contestants.ts';
import { coresOf, cpuSeconds, mostMegabytes, sampleUsage } from './process-usage.ts';
import { median, type Result, single } from './report.ts';
import { bringLabUp, type Trellis } from './session.ts';
import { readCounts, readHistory, readIntake, runWithHistory, searchTasks } from './task-api.ts';
import { compareTasks, describeComparison, isComplete } from './task-ledger.ts';
import { benchFile } from './task-load.ts';
import { taskOptions } from './task-options.ts';

const EVENTS = 300_000;
const RUNS = 3;
/** Copies of one run are numbered from a multiple of this: no task is told twice. */
const COPIES_APART = 1_000;
const PUBLISH_AT_ONCE = 10_000;
const IDLE_MS = 15_000;
const SETTLE_MS = 5_000;
const DONE_LIMIT_MS = 600_000;
const LOOK_EVERY_MS = 500;
const SAMPLE_EVERY_MS = 250;
const START_LIMIT_MS = 60_000;
const SEARCHES = 20;
/** Twice as many events per CPU second as Celery's state, ten times as many as Flower: here as CPU per event. */
const AGAINST_CELERY = 1 / 2;
const AGAINST_FLOWER = 1 / 10;

/** One run of one contestant. */
type Taken = {
  readonly name: string;
  readonly events: number;
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly megabytes: number;
};

/** What Trellis has of a run: numbers of what is wrong. */
type Kept = { readonly notKept: number; readonly notCounted: number; readonly notFound: number };

/** `npm run bench -- ingest` */
export const ingest: Bench = {
  title: `${EVENTS} events taken in`,
  run: async (context) => {
    const { lab, options, say } = context;
    const { flower: flowerDir } = taskOptions(context);
    const problem = flowerDir === undefined ? null : flowerProblem(flowerDir);
    if (problem !== null) throw new Error(problem);
    await bringLabUp(context);
    const own = labContext(lab.paths);
    // Bound and not consumed, it would fill while others are measured.
    await deleteEventQueue(own);
    const recording = await recordingOf(context);
    const { count } = extentOf(recording);
    const copies = Math.max(1, Math.ceil(EVENTS / count));
    say(
      `${count} real events in ${recording.length} messages, told ${copies} times: with other task ids, times and workers`,
    );
    // Whatever else is told meanwhile would be measured too.
    await lab.stop(memberId('host-1', 'traffic'));

    const runs = options.runs ?? RUNS;
    const taken: Taken[] = [];
    const one = async (name: string, run: number, start: (events: number) => Promise<Contestant>) => {
      const result = await measure(context, name, replayOf(recording, run), start);
      taken.push(result);
      say(describe(result));
    };
    for (let run = 0; run < runs; run += 1) {
      await one('floor', run, (events) => startFloor(context, events));
      await one('Celery', run, (events) => startCelery(context, events));
      if (flowerDir !== undefined) await one('Flower', run, (events) => startFlower(context, flowerDir, events));
    }
    const dataDir = benchFile(context, 'data');
    rmSync(dataDir, { recursive: true, force: true });
    const trellis = await runWithHistory(context, dataDir);
    await waitConsuming(trellis);
    await sleep(SETTLE_MS);
    const idle = await idleCores(trellis);
    const kept: Kept[] = [];
    for (let run = 0; run < runs; run += 1) {
      const messages = replayOf(recording, run);
      const result = await measure(context, 'Trellis', messages, (events) =>
        trellisContestant(context, trellis, events),
      );
      taken.push(result);
      say(describe(result));
      kept.push(await whatIsKept(context, trellis, messages));
    }
    return resultsOf(taken, kept, idle);
  },
};

/** The messages of one run, the last of them told just now. */
function replayOf(recording: readonly EventMessage[], run: number): EventMessage[] {
  return [...copiesOf(recording, EVENTS, run * COPIES_APART, Date.now() / 1000)];
}

/** Fills its queue, lets it begin, and looks at its process until it is done. */
async function measure(
  context: BenchContext,
  name: string,
  messages: readonly EventMessage[],
  start: (events: number) => Promise<Contestant>,
): Promise<Taken> {
  const { count: events } = extentOf(messages);
  const contestant = await start(events);
  try {
    contestant.hold();
    await publishAll(context, messages);
    const [startedMs, before] = [performance.now(), cpuSeconds(contestant.pid)];
    const used = sampleUsage(contestant.pid, SAMPLE_EVERY_MS);
    contestant.begin();
    const isDone = await waitUntil(contestant.isDone, DONE_LIMIT_MS, LOOK_EVERY_MS);
    const samples = used();
    if (!isDone) throw new Error(`${name} has not taken ${events} events within ${DONE_LIMIT_MS / 1000} s`);
    const seconds = (performance.now() - startedMs) / 1000;
    return {
      name,
      events,
      cpuSeconds: cpuSeconds(contestant.pid) - before,
      seconds,
      megabytes: mostMegabytes(samples),
    };
  } finally {
    await contestant.end();
  }
}

async function publishAll({ lab }: BenchContext, messages: readonly EventMessage[]): Promise<void> {
  const connection = await openBroker(labContext(lab.paths), 'host-1');
  try {
    const channel = await connection.createConfirmChannel();
    for (let at = 0; at < messages.length; at += PUBLISH_AT_ONCE) {
      await publishEvents(channel, messages.slice(at, at + PUBLISH_AT_ONCE));
    }
  } finally {
    await connection.close();
  }
}

async function waitConsuming({ url }: Trellis): Promise<void> {
  const consumes = async () => (await readIntake(url).catch(() => null))?.state === 'consuming';
  if (!(await waitUntil(consumes, START_LIMIT_MS, LOOK_EVERY_MS))) throw new Error('the intake does not consume');
}

/** What Trellis uses while no events come but heartbeats. */
async function idleCores({ pid }: Trellis): Promise<number> {
  const used = sampleUsage(pid, 1_000);
  await sleep(IDLE_MS);
  return coresOf(used());
}

/** Holds the history against the recording, counts it, and searches for some of its tasks. */
async function whatIsKept({ say }: BenchContext, { url }: Trellis, messages: readonly EventMessage[]): Promise<Kept> {
  const ledger = ledgerOf(messages);
  const { from, to } = extentOf(messages);
  const comparison = compareTasks(ledger, await readHistory(url, from * 1000));
  say(`kept: ${describeComparison(comparison)}`);
  const { missing, repeated, wrongEnds } = comparison;
  const counts = await readCounts(url, { from: String(Math.floor(from * 1000)), to: String(Math.ceil(to * 1000)) });
  const step = Math.max(1, Math.floor(ledger.length / SEARCHES));
  let notFound = 0;
  for (let n = 0; n < ledger.length; n += step) {
    const id = ledger[n]?.id ?? '';
    const found = await searchTasks(url, `"${id}"`);
    if (!found.includes(id)) notFound += 1;
  }
  if (isComplete(comparison) && counts.total < ledger.length) say(`counted: ${JSON.stringify(counts)}`);
  return {
    notKept: missing.length + repeated.length + wrongEnds.length,
    // Where it says that there are more, it has not said how many.
    notCounted: counts.exact ? Math.max(0, ledger.length - counts.total) : 0,
    notFound,
  };
}

function resultsOf(taken: readonly Taken[], kept: readonly Kept[], idle: number): Result[] {
  const of = (name: string) => taken.filter((one) => one.name === name);
  const cost = (name: string) => median(of(name).map((one) => (one.cpuSeconds / one.events) * 1_000_000));
  const names = [...new Set(taken.map(({ name }) => name))];
  const mine = cost('Trellis');
  const ratio = (name: string, target: number | null) => {
    const other = cost(name);
    const value = mine === null || other === null ? null : mine / other;
    return single(`CPU of Trellis ÷ ${name}, per event`, value, '×', target, `${other?.toFixed(1)} µs`);
  };
  const sum = (value: (one: Kept) => number) => kept.reduce((total, one) => total + value(one), 0);
  return [
    ...names.flatMap((name) => {
      const runs = of(name);
      const perSecond = median(runs.map((one) => one.events / one.cpuSeconds));
      return [
        single(`${name}: CPU per event`, cost(name), 'µs', null, `median of ${runs.length}; ${runs[0]?.events} events`),
        single(`${name}: events per CPU second`, perSecond, '1/s', null, ''),
        single(`${name}: memory, most`, Math.max(...runs.map(({ megabytes }) => megabytes)), 'MB', null, ''),
      ];
    }),
    ratio('floor', null),
    ratio('Celery', AGAINST_CELERY),
    ...(names.includes('Flower') ? [ratio('Flower', AGAINST_FLOWER)] : []),
    single('CPU of Trellis without events', idle, 'cores', null, 'is part of the above'),
    single(
      'tasks that Trellis did not keep, kept twice or ended wrongly',
      sum(({ notKept }) => notKept),
      '',
      0,
      '',
    ),
    single(
      'tasks that its counts lack',
      sum(({ notCounted }) => notCounted),
      '',
      0,
      '',
    ),
    single(
      'tasks that its search does not find',
      sum(({ notFound }) => notFound),
      '',
      0,
      `${SEARCHES} searches a run`,
    ),
  ];
}

function describe({ name, events, cpuSeconds: cpu, seconds, megabytes }: Taken): string {
  const each = ((cpu / events) * 1_000_000).toFixed(1);
  return `${name}: ${events} events in ${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of CPU (${each} µs each), ${Math.round(megabytes)} MB`;
}
