/** The requests that Trellis makes, counted in front of every management API, at rest and in a burst. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, BenchContext } from './bench.ts';
import { epochMs } from './clock.ts';
import type { Tally } from './counting-proxy.ts';
import { COUNTED, type Counted, runProxied } from './proxied.ts';
import { aligned, median, type Result, single } from './report.ts';
import { bringLabUp, watchStream } from './session.ts';

const REST_SECONDS = 60;
const SETTLE_MS = 10_000;
const BURST_MS = 20_000;
const VICTIM = 'host-2/rabbitmq';
const SAMPLE_MS = 2_000;
const MEGABYTE = 1_000_000;
/** A rate over some seconds cannot be told more exactly than this share, nor than this many requests a second. */
const TOLD_TOLERANCE = { share: 0.1, perSecond: 0.3 };

/** DESIGN §6, for a cluster of three. */
export const BUDGET = { restPerSecond: 5, burstPerSecond: 20, bytesPerSecond: MEGABYTE } as const;

/** `npm run bench -- load` */
export const load: Bench = {
  title: 'Requests that Trellis makes, counted by a loopback proxy in front of every management API',
  run: async (context) => {
    const { lab, options, say } = context;
    await bringLabUp(context);
    const { trellis, tallies } = await runProxied(context);
    const live = await watchStream(trellis, context);
    await sleep(SETTLE_MS);

    const restMs = (options.seconds ?? REST_SECONDS) * 1000;
    say(`at rest for ${restMs / 1000} s`);
    const restFrom = epochMs();
    const told = await sampleTold(trellis.url, restMs);
    const restTo = epochMs();

    say(`${VICTIM} is killed`);
    const burstFrom = epochMs();
    await lab.kill(VICTIM);
    await sleep(BURST_MS);
    const burstTo = epochMs();
    live.close();

    for (const name of COUNTED) sayPaths(context, name, tallies[name], restFrom, restTo);
    return COUNTED.flatMap((name) => [
      ...restResults(name, tallies[name], restFrom, restTo),
      ...burstResults(name, tallies[name], burstFrom, burstTo),
      toldResult(name, tallies[name], restFrom, restTo, told),
    ]);
  },
};

/** Requests and bytes per second at rest, against the budget. */
export function restResults(name: string, tally: Tally, fromMs: number, toMs: number): Result[] {
  const seconds = (toMs - fromMs) / 1000;
  const requests = tally.requestsBetween(fromMs, toMs).length / seconds;
  const bytes = tally.bytesBetween(fromMs, toMs) / seconds / MEGABYTE;
  return [
    single(`${name}: requests at rest`, requests, '1/s', BUDGET.restPerSecond, 'budget of §6'),
    single(`${name}: bytes at rest`, bytes, 'MB/s', BUDGET.bytesPerSecond / MEGABYTE, 'budget of §6'),
  ];
}

function burstResults(name: string, tally: Tally, fromMs: number, toMs: number): Result[] {
  const mean = tally.requestsBetween(fromMs, toMs).length / ((toMs - fromMs) / 1000);
  const most = tally.mostRequests(fromMs, toMs, 1000);
  const bytes = tally.mostBytes(fromMs, toMs, 1000) / MEGABYTE;
  return [
    single(`${name}: busiest second after the kill`, most, '1/s', BUDGET.burstPerSecond, 'budget of §6'),
    single(`${name}: mean of ${BURST_MS / 1000} s after the kill`, mean, '1/s', null),
    single(
      `${name}: most bytes in a second after the kill`,
      bytes,
      'MB/s',
      BUDGET.bytesPerSecond / MEGABYTE,
      'budget of §6',
    ),
  ];
}

/** What Trellis says of itself, by source; no entry for a source that it says nothing of. */
type Told = Readonly<Partial<Record<Counted, readonly number[]>>>;

async function sampleTold(url: string, forMs: number): Promise<Told> {
  const samples: Partial<Record<Counted, number[]>> = {};
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs) {
    for (const [name, rate] of await toldNow(url)) {
      samples[name] = [...(samples[name] ?? []), rate];
    }
    await sleep(Math.min(SAMPLE_MS, Math.max(0, endMs - performance.now())));
  }
  return samples;
}

/** The sum over a source's endpoints, read without counting on the shape: a Trellis that does not tell is no error here. */
async function toldNow(url: string): Promise<readonly (readonly [Counted, number])[]> {
  const response = await fetch(`${url}/api/v1/estate`);
  const { model } = (await response.json()) as { model: { endpoints?: Record<string, EndpointTold> } };
  return COUNTED.flatMap((name) => {
    const rates = Object.entries(model.endpoints ?? {})
      .filter(([id, endpoint]) => (endpoint.source ?? id.split('/')[0]) === name)
      .flatMap(([, { requestsPerSecond }]) => (typeof requestsPerSecond === 'number' ? [requestsPerSecond] : []));
    return rates.length === 0 ? [] : [[name, rates.reduce((total, rate) => total + rate, 0)] as const];
  });
}

type EndpointTold = { source?: string; requestsPerSecond?: unknown };

function toldResult(name: Counted, tally: Tally, fromMs: number, toMs: number, told: Told): Result {
  const metric = `${name}: counted − told by Trellis, at rest`;
  const counted = tally.requestsBetween(fromMs, toMs).length / ((toMs - fromMs) / 1000);
  const said = median(told[name] ?? []);
  if (said === null) return single(metric, null, '1/s', null, 'not told');
  const tolerance = Math.max(TOLD_TOLERANCE.perSecond, TOLD_TOLERANCE.share * counted);
  return single(
    metric,
    Math.abs(counted - said),
    '1/s',
    round(tolerance),
    `told ${round(said)}, counted ${round(counted)}`,
  );
}

function sayPaths({ say }: BenchContext, name: string, tally: Tally, fromMs: number, toMs: number): void {
  const seconds = (toMs - fromMs) / 1000;
  const counts = new Map<string, number>();
  for (const { what } of tally.requestsBetween(fromMs, toMs)) counts.set(what, (counts.get(what) ?? 0) + 1);
  const rows = [...counts].sort(([, a], [, b]) => b - a).map(([what, n]) => ['  ', (n / seconds).toFixed(2), what]);
  say(`${name} at rest, requests/s by path:\n${aligned(rows)}`);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
