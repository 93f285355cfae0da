/** The forecast bench: what Trellis says would happen if a host or a process failed, held against the real failure. */
import { setTimeout as sleep } from 'node:timers/promises';
import { labContext } from '#lab/context.ts';
import type { Target } from '#lab/control.ts';
import { HOSTS, type Host, memberId, numberOf, type Role } from '#lab/layout.ts';
import type { Forecast } from '#lib/model/forecast.ts';
import type { Bench, BenchContext } from './bench.ts';
import { epochMs, pollEvery, waitUntil } from './clock.ts';
import { partId, subjectOf } from './findings-subjects.ts';
import { type Check, cameAsTold, checksOf, type Measured } from './forecast-verdict.ts';
import { lockSession, type Roles, rolesNow, winnersNow } from './forecast-winners.ts';
import type { LiveStream } from './live-stream.ts';
import { deleteProbeQueues, type Probe, type ProbePlan, type ProbeSeries, startProbe } from './probe.ts';
import { outageMs, SPACING_MS } from './probe-outage.ts';
import { aligned, type Result, single } from './report.ts';
import { bringLabUp, runTrellis, type Trellis, waitShownWhole, watchStream } from './session.ts';
import { Store } from './store.ts';

const RUNS = 1;
/** Until the probe's queues are in the forecast, and everything has worked for a while. */
const STEADY_MS = 8_000;
const STEADY_LIMIT_MS = 30_000;
/** What is out later than this is not the fault's doing, save for the lock. */
const LEAST_MS = 15_000;
const LIMIT_MS = 70_000;
const ANSWER_LIMIT_MS = 5_000;

type Process = Exclude<Role, 'traffic'>;
type Failing = { readonly host: Host; readonly role?: Process };
type Case = { readonly name: string; readonly failing: (roles: Roles) => Failing };
type Run = { readonly name: string; readonly run: number; readonly failing: string; readonly checks: readonly Check[] };

const PROCESSES: readonly Process[] = ['rabbitmq', 'redis', 'sentinel', 'haproxy', 'consul', 'worker', 'beat'];

const CASES: readonly Case[] = [
  ...HOSTS.map((host) => ({ name: host, failing: () => ({ host }) })),
  ...PROCESSES.map((role) => ({ name: `host-1/${role}`, failing: () => ({ host: 'host-1', role }) as const })),
  { name: 'Redis master', failing: ({ master }) => ({ host: master, role: 'redis' }) },
  { name: 'Consul leader', failing: ({ leader }) => ({ host: leader, role: 'consul' }) },
  { name: 'beat holder', failing: ({ holder }) => ({ host: holder, role: 'beat' }) },
];

/** `npm run bench -- forecast` */
export const forecast: Bench = {
  title: 'Forecasts, held against the real failure',
  run: async (context) => {
    const { lab, options, say } = context;
    const runs = options.runs ?? RUNS;
    const store = new Store<Run>(lab.paths.root, 'forecast', options.again);
    const cases = CASES.filter(({ name }) => name.includes(options.only));
    const rowOf = (one: Case, run: number) => store.rows.findLast((row) => row.name === one.name && row.run === run);
    const wanted = cases.flatMap((one) => Array.from({ length: runs }, (_, run) => ({ one, run })));
    const left = wanted.filter(({ one, run }) => rowOf(one, run) === undefined);
    if (left.length > 0) {
      await bringLabUp(context);
      context.atEnd('probe queues deleted', () => cleanUp(context, HOSTS));
      const trellis = await runTrellis(context);
      const live = await watchStream(trellis, context);
      for (const [index, { one, run }] of left.entries()) {
        say(`${index + 1}/${left.length} ${one.name}`);
        const row = { name: one.name, run, ...(await oneRun(context, trellis, live, one)) };
        store.add(row);
        say(`${row.failing}: ${cameAsTold(row.checks) ? 'as told' : 'NOT as told'}\n${aligned(row.checks.map(cells))}`);
      }
    }
    const rows = wanted.flatMap(({ one, run }) => rowOf(one, run) ?? []);
    const head = ['failing', 'layer', 'of', 'predicted', 'successors', 'winner', 'band', 'measured', 'pass', ''];
    const lines = rows.flatMap(({ failing, checks }) => checks.map((check) => [failing, ...cells(check)]));
    say(`forecasts:\n${aligned([head, ...lines])}`);
    return resultsOf(rows);
  },
};

async function oneRun(
  context: BenchContext,
  trellis: Trellis,
  live: LiveStream,
  one: Case,
): Promise<Pick<Run, 'failing' | 'checks'>> {
  const { lab } = context;
  await lab.up();
  await waitShownWhole(live);
  const roles = await rolesNow();
  const { host, role } = one.failing(roles);
  const failing = subjectOf(host, role);
  const plan = planFor(host, role);
  const backends = labContext(lab.paths);
  const probe = await startProbe(backends, plan);
  try {
    await sleep(STEADY_MS);
    if (!(await waitUntil(probe.allBack, STEADY_LIMIT_MS))) throw new Error('the probe does not work on the whole lab');
    const told = await forecastOf(trellis, failing);
    const mayLoseLock = roles.holder === host && (role === undefined || role === 'beat' || role === 'consul');
    const outages = await failAndWatch(context, { host, ...(role && { role }) }, probe, plan, mayLoseLock);
    const brokers = survivors(host, role === undefined || role === 'rabbitmq');
    const winners = await winnersNow(backends, plan.proxies, brokers);
    const measured: Measured = { outages, winners, lost: await probe.drain() };
    return { failing, checks: checksOf(told, measured) };
  } finally {
    await probe.end();
    await cleanUp(context, survivors(host, true));
    await lab.up();
  }
}

/** The proxies and agents that survive; and the queue led where the failure is, seen through another host's proxy. */
function planFor(host: Host, role: Process | undefined): ProbePlan {
  const through = survivors(host, true)[0] as Host;
  return {
    proxies: survivors(host, role === undefined || role === 'haproxy'),
    agents: survivors(host, role === undefined || role === 'consul'),
    led: { by: host, through },
  };
}

function survivors(host: Host, isGone: boolean): readonly Host[] {
  return isGone ? HOSTS.filter((other) => other !== host) : HOSTS;
}

/** @throws Error when Trellis makes none for it */
async function forecastOf({ url }: Trellis, failing: string): Promise<Forecast> {
  const response = await fetch(`${url}/api/v1/forecast`, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  const { forecasts } = (await response.json()) as { forecasts: readonly Forecast[] };
  const told = forecasts.find(({ id }) => id === failing);
  if (told === undefined) throw new Error(`Trellis has no forecast for ${failing}`);
  return told;
}

/** Kills it, and watches until everything is back: no longer than the limit, and long enough to see what ends late. */
async function failAndWatch(
  { lab }: BenchContext,
  { host, role }: Failing,
  probe: Probe,
  { agents }: ProbePlan,
  mayLoseLock: boolean,
): Promise<Measured['outages']> {
  const session = await lockSession(agents);
  if (session === null) throw new Error('nobody holds the beat lock');
  const target: Target = role === undefined ? host : memberId(host, role);
  let takenAt: number | null = null;
  let isFree = false;
  const stop = pollEvery(SPACING_MS, async () => {
    const now = await lockSession(agents);
    isFree = now === null;
    if (now !== null && now !== session) takenAt ??= epochMs();
  });
  try {
    const atMs = epochMs();
    await lab.kill(target);
    // Its restart rule would bring it back after a second, as a rival of the standby.
    if (role === 'beat') await lab.stop(target);
    const isOver = () => {
      const lockSettled = takenAt !== null || (!mayLoseLock && !isFree);
      return epochMs() - atMs >= LEAST_MS && probe.allBack() && lockSettled;
    };
    await waitUntil(isOver, LIMIT_MS);
    const untilMs = epochMs();
    const schedule = takenAt !== null ? takenAt - atMs : mayLoseLock || isFree ? null : 0;
    return { ...outagesOf(probe.series, host, atMs, untilMs), schedule: { beat: schedule } };
  } finally {
    stop();
  }
}

/** By the names of the series: `publish haproxy-1` is layer and proxy. A proxy's queue is led by the node of its host. */
function outagesOf(series: ProbeSeries, host: Host, atMs: number, untilMs: number): Measured['outages'] {
  const outages: Record<string, Record<string, number | null>> = {};
  for (const [name, times] of Object.entries(series)) {
    const [layer = '', through = ''] = name.split(' ');
    outages[layer] = { ...outages[layer], [through]: outageMs(times, atMs, untilMs) };
  }
  const others = Object.entries(outages.publish ?? {}).filter(([id]) => id !== partId('haproxy', host));
  const kept = others.map(([, ms]) => ms);
  return {
    ...outages,
    queues: { ...outages.queues, kept: kept.includes(null) ? null : Math.max(...kept.map(Number)) },
  };
}

/** Deletes the probe's queues through the first of these nodes that does it; the next run deletes what is left. */
async function cleanUp({ lab, say }: BenchContext, hosts: readonly Host[]): Promise<void> {
  for (const host of hosts) {
    try {
      return await deleteProbeQueues(labContext(lab.paths), host);
    } catch (error) {
      say(`the probe's queues are not deleted through rabbit-${numberOf(host)}: ${(error as Error).message}`);
    }
  }
}

function resultsOf(rows: readonly Run[]): Result[] {
  const checks = rows.flatMap((row) => row.checks);
  const wrong = checks.filter(({ pass }) => pass === false);
  const notAsTold = rows.filter((row) => !cameAsTold(row.checks));
  return [
    single('failures that did not come as told', notAsTold.length, '', 0, `${rows.length} failures`),
    single('effects that did not come as told', wrong.length, '', 0, `${checks.length} effects`),
    single('effects that could not be measured', checks.filter(({ pass }) => pass === null).length, '', null),
  ];
}

function cells({ layer, subject, outcome, successors, winner, band, measuredMs, pass, wrong }: Check): string[] {
  const measured = measuredMs === undefined ? '-' : measuredMs === null ? 'not back' : `${Math.round(measuredMs)} ms`;
  return [
    layer,
    subject,
    outcome,
    successors.join(' ') || '-',
    winner ?? '-',
    band === null ? '-' : `${band.from}-${band.to} ms`,
    measured,
    pass === null ? '' : pass ? 'yes' : 'NO',
    wrong.join('; '),
  ];
}
