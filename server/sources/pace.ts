/**
 * Pace: how often a source may ask. Intervals stretch so that a cluster stays within its request budget, and shrink for
 * a few seconds after something changed. Pure arithmetic; the scheduler supplies the clock.
 */

/** Requests a second that a source's endpoints, all together, may answer. */
export type Budget = { atRest: number; inBurst: number };

export type PacedProbe = {
  intervalMs: number;
  /** Requests that one reading costs. */
  cost: number;
  /** Whether it is asked faster in a burst. */
  bursts: boolean;
};

/** After a change the probes that burst are asked this often, budget permitting, … */
const BURST_INTERVAL_MS = 250;
/** … for this long. */
export const BURST_MS = 5_000;
/** A server that needs 100 ms for an answer is asked at most every 500 ms. */
const DUTY = 5;
/** And at most this many bytes a second are asked of one probe. */
const BYTES_PER_SECOND = 500_000;

export type Pace = { restMs(probe: PacedProbe): number; burstMs(probe: PacedProbe): number };

/** The pace for all probes of one source together. */
export function paceOf(probes: readonly PacedProbe[], budget: Budget): Pace {
  const wanted = perSecond(probes, (probe) => probe.intervalMs);
  const stretch = Math.max(1, wanted / budget.atRest);
  const restMs = (probe: PacedProbe) => probe.intervalMs * stretch;

  const rest = perSecond(probes, restMs);
  const bursting = probes.filter((probe) => probe.bursts);
  const fast = perSecond(bursting, () => BURST_INTERVAL_MS);
  // What the budget leaves above rest is shared by those that burst, in proportion to what they would like.
  const share = fast === 0 ? 0 : Math.min(1, Math.max(0, budget.inBurst - rest) / fast);
  const burstMs = (probe: PacedProbe) =>
    Math.min(restMs(probe), Math.max(BURST_INTERVAL_MS, 1 / (1 / restMs(probe) + share / BURST_INTERVAL_MS)));
  return { restMs, burstMs };
}

function perSecond(probes: readonly PacedProbe[], intervalMs: (probe: PacedProbe) => number): number {
  return probes.reduce((sum, probe) => sum + (probe.cost * 1_000) / intervalMs(probe), 0);
}

/** The least time between two askings, given how long and how large the last answer was. */
export function politeMs(last: { tookMs: number; bytes: number }): number {
  return Math.max(last.tookMs * DUTY, (last.bytes / BYTES_PER_SECOND) * 1_000);
}
