/** Forecasts in words, and what they let one say of the whole estate. Pure. */
import { type Band, type Forecast, hostForecasts, isSafe, OUTCOMES, type Outcome } from '#lib/model/forecast.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import { problemsOf } from '#lib/model/problems.ts';
import type { Shown } from '#lib/model/status.ts';
import type { Subject } from '#lib/model/transition.ts';
import { orList } from './list.ts';
import { entityName } from './names.ts';

const SHOWN: Readonly<Record<Outcome, Shown>> = {
  unaffected: { status: 'ok', word: 'goes on' },
  'takes-over': { status: 'ok', word: 'takes over' },
  unknown: { status: 'unknown', word: 'cannot be told' },
  stops: { status: 'degraded', word: 'stops' },
  loses: { status: 'down', word: 'loses data' },
};

/** True when all that a forecast rests on is answered now: a picture that has aged proves nothing. */
export function isGrounded({ effects }: Forecast, { readings }: Model, now: number): boolean {
  return (
    Object.values(readings).some((reading) => isCurrent(reading, now)) &&
    effects.every(({ by }) => by.every((key) => isCurrent(readings[key], now)))
  );
}

/** How an outcome is shown; what is good news only as far as was known once is not green. */
export function outcomeShown(outcome: Outcome, grounded: boolean): Shown {
  const shown = SHOWN[outcome];
  return shown.status === 'ok' && !grounded ? { status: 'stale', word: `${shown.word}, as last known` } : shown;
}

/** How a whole forecast is shown at `now`. */
export function forecastShown(forecast: Forecast, model: Model, now: number): Shown {
  return outcomeShown(forecast.outcome, isGrounded(forecast, model, now));
}

/** The host in words: whether it may be lost. */
export function hostForecastText(forecast: Forecast, model: Model, now: number): string {
  if (forecast.outcome === 'unknown') return `whether it can be lost cannot be told: ${forecast.reason}`;
  if (!isSafe(forecast)) return `cannot be lost: ${forecast.reason}`;
  return isGrounded(forecast, model, now) ? 'can be lost' : 'whether it can be lost cannot be told now';
}

/** What fails, by name: `host-1 and rabbit-1`. */
export function failingText(failing: readonly Subject[], model: Model): string {
  return failing.map(({ kind, id }) => entityName(kind, id, model)).join(' and ');
}

/** `3.5–5 s`, `0.2 s`, `2–3 min`. */
export function formatBand({ from, to }: Band): string {
  const [unit, ms] = to < 120_000 ? (['s', 1_000] as const) : (['min', 60_000] as const);
  const [low, high] = [rounded(from / ms), rounded(to / ms)];
  return low === high ? `${high} ${unit}` : `${low}–${high} ${unit}`;
}

function rounded(value: number): string {
  return String(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
}

/** What may be said of losing a host. `hosts` are those that it is said of. */
export type Margin = { can: 'any' | 'none' | 'some' | 'untold'; hosts: readonly string[]; reason: string };

/**
 * Whether any one host may be lost, from the forecasts and from how well Trellis sees at `now`. null = nothing was
 * forecast, or one host is all there is.
 */
export function marginOf(model: Model, now: number): Margin | null {
  const forecasts = hostForecasts(model);
  const gravest = forecasts.toSorted((a, b) => OUTCOMES.indexOf(b.outcome) - OUTCOMES.indexOf(a.outcome))[0];
  if (gravest === undefined) return null;
  const unsafe = forecasts.filter((one) => !isSafe(one) && one.outcome !== 'unknown');
  if (unsafe.length > 0) {
    const can = unsafe.length === forecasts.length ? 'none' : 'some';
    return { can, hosts: unsafe.map(hostOf), reason: gravest.reason };
  }
  if (gravest.outcome === 'unknown') return { can: 'untold', hosts: [hostOf(gravest)], reason: gravest.reason };
  const missing = Object.keys(model.hosts).find((id) => !Object.hasOwn(model.forecasts, `hosts/${id}`));
  if (missing !== undefined) return { can: 'untold', hosts: [missing], reason: 'Nothing was forecast for it.' };
  const unseen = problemsOf(model, now).find(({ shown }) => shown.status === 'stale' || shown.status === 'unknown');
  if (unseen !== undefined) {
    const reason = `${entityName(unseen.kind, unseen.id, model)} is ${unseen.shown.word}.`;
    return { can: 'untold', hosts: [], reason };
  }
  const ungrounded = forecasts.find((one) => !isGrounded(one, model, now));
  if (ungrounded !== undefined)
    return { can: 'untold', hosts: [hostOf(ungrounded)], reason: 'What it rests on is not answered now.' };
  return forecasts.length < 2 ? null : { can: 'any', hosts: [], reason: '' };
}

function hostOf({ failing }: Forecast): string {
  return failing[0]?.id ?? '';
}

/** The margin in one sentence, for an estate in which all runs. */
export function marginText({ can, hosts, reason }: Margin): string {
  if (can === 'any') return 'You can lose any one host.';
  if (can !== 'untold') return `You cannot lose ${orList(hosts)}: ${reason}`;
  const what = hosts.length === 0 ? 'a host' : orList(hosts);
  return `What losing ${what} would cost cannot be told: ${reason}`;
}

/** The margin in one short sentence, for an estate in which something is wrong already. */
export function remainingText({ can, hosts }: Margin): string {
  if (can === 'any') return 'You can lose another host.';
  if (can === 'none') return 'You cannot lose another host.';
  if (can === 'some') return `You cannot lose ${orList(hosts)}.`;
  return 'Whether you can lose another host cannot be told.';
}
