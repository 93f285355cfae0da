/** Forecasts: what would happen if a host or a process failed now. Plain data; made by `server/model/forecast.ts`. */
import type { Model } from './model.ts';
import type { Subject } from './transition.ts';

/**
 * From mild to grave. unaffected = redundancy only; takes-over = goes on by itself after `outageMs`; unknown = the model
 * cannot tell, which is never taken for safe; stops = stands still until somebody acts; loses = messages or results are gone.
 */
export const OUTCOMES = ['unaffected', 'takes-over', 'unknown', 'stops', 'loses'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What the failure does to one thing that the estate needs. */
export const FORECAST_LAYERS = [
  'entrance',
  'publish',
  'queues',
  'results',
  'failover',
  'coordination',
  'schedule',
  'workers',
] as const;
export type ForecastLayer = (typeof FORECAST_LAYERS)[number];

export type Band = { from: number; to: number };

export type Effect = {
  layer: ForecastLayer;
  /** The thing: a queue's cluster, a Redis service, a proxy, a lock, … */
  subject: Subject;
  outcome: Outcome;
  /** One sentence that names names and numbers. */
  text: string;
  /** Who may take over, by id (of broker nodes, Redis nodes, Consul servers, beats, or server names of a proxy); [] = nobody. */
  successors: readonly string[];
  /** How long it is out, from the estate's own settings (ms); null = cannot be told, or not at all. */
  outageMs: Band | null;
  /** Messages that go with it; null = cannot be told. 0 where the outcome is not `loses`. */
  lostMessages: number | null;
  /** Readings that this rests on. */
  by: readonly string[];
};

export type Forecast = {
  /** What fails, joined by `+`: `hosts/host-1`, `brokerNodes/rabbit-1@host-1`, `hosts/host-1+hosts/host-2`. */
  id: string;
  failing: readonly Subject[];
  /**
   * The gravest of its effects, without those that merely end with the host itself (its own entrance, its own worker while
   * others go on).
   */
  outcome: Outcome;
  /** Why, in one sentence: the gravest effect. */
  reason: string;
  /** The gravest first. */
  effects: readonly Effect[];
};

/** True when the estate goes on by itself. */
export function isSafe({ outcome }: Pick<Forecast, 'outcome'>): boolean {
  return outcome === 'unaffected' || outcome === 'takes-over';
}

/** The id of a forecast. */
export function forecastId(failing: readonly Subject[]): string {
  return failing.map(({ kind, id }) => `${kind}/${id}`).join('+');
}

/** The forecasts of losing one host each, in the order of the hosts. */
export function hostForecasts(model: Pick<Model, 'forecasts' | 'hosts'>): Forecast[] {
  return Object.keys(model.hosts).flatMap((id) => model.forecasts[`hosts/${id}`] ?? []);
}
