/** Blind stretches of endpoints, derived from the readings. Pure: `now` is an argument. */
import type { BlindCode, BlindStretch } from '#lib/contract/timeline.ts';
import { isCurrent, staleAfterMs } from '#lib/model/freshness.ts';
import type { Reading, Readings } from '#lib/model/reading.ts';

/** The stretches that last, by endpoint. */
export type OpenStretches = ReadonlyMap<string, BlindStretch>;

/** One step in time: what lasts now, and what began or ended with it. */
export type BlindStep = { open: OpenStretches; changed: readonly BlindStretch[] };

/** The id of a stretch: what was blind, and since when. */
export function blindId(what: string, from: number): string {
  return `${what}@${from}`;
}

/**
 * Compares what lasted with the readings at `now` (epoch ms). A stretch begins with the first failed or stale moment and
 * ends when the endpoint answers again.
 */
export function stepBlind(open: OpenStretches, readings: Readings, now: number): BlindStep {
  const blind = blindEndpoints(readings, now);
  const next = new Map(open);
  const changed: BlindStretch[] = [];
  for (const [what, { from, code }] of blind) {
    if (open.has(what)) continue;
    const stretch: BlindStretch = { id: blindId(what, from), what, from, to: null, code };
    next.set(what, stretch);
    changed.push(stretch);
  }
  for (const [what, stretch] of open) {
    if (blind.has(what)) continue;
    next.delete(what);
    changed.push({ ...stretch, to: Math.max(now, stretch.from) });
  }
  return changed.length === 0 ? { open, changed } : { open: next, changed };
}

type Blindness = { from: number; code: BlindCode };

/**
 * An endpoint is blind while a question that it once answered gets no answer, or while none of its questions does. A
 * question that was never answered beside others that are (a missing permission) is a limit of sight, not a loss.
 */
function blindEndpoints(readings: Readings, now: number): ReadonlyMap<string, Blindness> {
  const endpoints = new Map<string, Reading[]>();
  for (const reading of Object.values(readings)) {
    if (reading.at === null && reading.failure === null) continue;
    const what = `${reading.source}/${reading.endpoint}`;
    const list = endpoints.get(what);
    if (list === undefined) endpoints.set(what, [reading]);
    else list.push(reading);
  }
  const blind = new Map<string, Blindness>();
  for (const [what, asked] of endpoints) {
    const silent = asked.filter((reading) => !isCurrent(reading, now));
    const lost = silent.filter((reading) => reading.at !== null || silent.length === asked.length);
    const [first] = lost.map(blindSince).sort((a, b) => a.from - b.from);
    if (first !== undefined) blind.set(what, first);
  }
  return blind;
}

function blindSince(reading: Reading): Blindness {
  const staleFrom = (reading.at ?? Number.POSITIVE_INFINITY) + staleAfterMs(reading.intervalMs);
  const { failure } = reading;
  return failure === null || staleFrom < failure.since
    ? { from: staleFrom, code: 'stale' }
    : { from: failure.since, code: failure.code };
}
