/** Holds a forecast against what was measured. Pure. */

import type { Band, Effect, Forecast, ForecastLayer, Outcome } from '#lib/model/forecast.ts';
import type { Kind } from '#lib/model/model.ts';

/** How far a measured outage may be from its band; an effect without an outage may be noticed for as long. */
export const TOLERANCE_MS = 200;

/** What came of a failure. An outage of null = not back within the limit; what is missing was not measured. */
export type Measured = {
  /**
   * By layer, then by the id of the proxy or the Consul server through which it was measured. Of `queues`: `led` = led by
   * the host that fails, `kept` = by the others.
   */
  readonly outages: Readonly<Partial<Record<ForecastLayer, Readonly<Record<string, number | null>>>>>;
  /** Who has the role now: by layer, or for `publish` by proxy (`publish haproxy-1`). */
  readonly winners: Readonly<Record<string, string | null>>;
  /** Confirmed messages that were never consumed. */
  readonly lost: number;
};

/** One effect, and whether it came as told. */
export type Check = {
  readonly layer: ForecastLayer;
  readonly subject: string;
  readonly outcome: Outcome;
  readonly successors: readonly string[];
  readonly winner: string | null;
  readonly band: Band | null;
  /** null = not back within the limit; undefined = not measured. */
  readonly measuredMs: number | null | undefined;
  readonly lost: number | null;
  /** What was told and did not come; empty = all that was measured came. */
  readonly wrong: readonly string[];
  /** null = nothing of it was measured. */
  readonly pass: boolean | null;
};

/** Every effect of the forecast, in its order; then what it does not name, which must go on unaffected. */
export function checksOf({ effects }: Pick<Forecast, 'effects'>, measured: Measured): Check[] {
  return [...effects, ...untoldOf(effects, measured)].map((effect) => checkOf(effect, measured));
}

function untoldOf(effects: readonly Effect[], { outages }: Measured): Effect[] {
  return Object.entries(outages).flatMap(([name, through]) => {
    const layer = name as ForecastLayer;
    const untold = Object.keys(through).filter((id) => !effects.some((effect) => speaksOf(effect, layer, id)));
    return untold.map(
      (id): Effect => ({
        ...{ layer, subject: { kind: KIND_OF[layer] ?? 'proxies', id }, outcome: 'unaffected', text: '' },
        ...{ successors: [], outageMs: null, lostMessages: 0, by: [] },
      }),
    );
  });
}

/** Where a layer is not measured through a proxy. */
const KIND_OF: Readonly<Partial<Record<ForecastLayer, Kind>>> = {
  queues: 'queues',
  coordination: 'consulServers',
  schedule: 'locks',
};

function speaksOf({ layer, subject, outcome }: Effect, of: ForecastLayer, id: string): boolean {
  if (layer !== of) return false;
  if (layer === 'queues') return id === seriesOfQueues(outcome);
  return subject.kind !== 'proxies' || subject.id === id;
}

function seriesOfQueues(outcome: Outcome): 'kept' | 'led' {
  return outcome === 'unaffected' ? 'kept' : 'led';
}

/** Every effect came as told, and at least one was measured. */
export function cameAsTold(checks: readonly Check[]): boolean {
  return checks.some(({ pass }) => pass === true) && checks.every(({ pass }) => pass !== false);
}

function checkOf(effect: Effect, measured: Measured): Check {
  const { layer, subject, outcome, successors, outageMs: band } = effect;
  const measuredMs = outageOf(effect, measured);
  const winner = winnerOf(effect, measured) ?? null;
  const lost = layer === 'queues' ? measured.lost : null;
  const found = [outageFault(effect, measuredMs), winnerFault(effect, measured), lossFault(effect, lost)];
  const judged = found.filter((fault) => fault !== undefined);
  const wrong = judged.filter((fault) => fault !== null);
  return {
    ...{ layer, subject: `${subject.kind}/${subject.id}`, outcome, successors, winner, band, measuredMs, lost, wrong },
    pass: judged.length === 0 ? null : wrong.length === 0,
  };
}

/** Where it is meant, else the longest anywhere. */
function outageOf({ layer, subject, outcome }: Effect, { outages }: Measured): number | null | undefined {
  const all = outages[layer] ?? {};
  if (Object.hasOwn(all, subject.id) || subject.kind === 'proxies') return all[subject.id];
  if (layer === 'queues') return all[seriesOfQueues(outcome)];
  const values = Object.values(all);
  if (values.length === 0) return undefined;
  return values.includes(null) ? null : Math.max(...values.map((ms) => ms ?? 0));
}

/** Each of these: undefined = not judged, null = as told, else what was not. */
type Fault = string | null | undefined;

function outageFault({ outcome, outageMs: band }: Effect, ms: number | null | undefined): Fault {
  // What the model cannot tell is no promise.
  if (ms === undefined || outcome === 'unknown' || outcome === 'loses') return undefined;
  if (outcome === 'stops') return ms === null ? null : 'it came back by itself';
  if (ms === null) return 'it did not come back';
  if (outcome === 'unaffected') return ms <= TOLERANCE_MS ? null : 'it was out';
  if (band === null) return null;
  if (ms < band.from - TOLERANCE_MS) return 'shorter than told';
  return ms > band.to + TOLERANCE_MS ? 'longer than told' : null;
}

function winnerOf({ layer, subject }: Effect, { winners }: Measured): string | null | undefined {
  return layer === 'publish' ? winners[`publish ${subject.id}`] : winners[layer];
}

function winnerFault(effect: Effect, measured: Measured): Fault {
  const winner = winnerOf(effect, measured);
  if (effect.outcome !== 'takes-over' || effect.successors.length === 0 || winner === undefined) return undefined;
  if (winner === null) return 'nobody took over';
  return effect.successors.includes(winner) ? null : `${winner} took over`;
}

function lossFault({ outcome }: Effect, lost: number | null): Fault {
  if (lost === null || outcome === 'unknown' || outcome === 'loses') return undefined;
  return lost === 0 ? null : `${lost} confirmed messages lost`;
}
