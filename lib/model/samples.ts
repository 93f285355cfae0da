/** Samples: figures that are worth a line over time, taken every few seconds. Pure. */
import { isCurrent } from './freshness.ts';
import type { Model } from './model.ts';
import { taskQueues } from './queues.ts';
import { sumTold } from './sum.ts';

/** By series (`redisNodes/<id>/ops`): the figure, or null where nobody can tell it now. */
export type Figures = Readonly<Record<string, number | null>>;

/** The newest samples, oldest first: the times (epoch ms), and for each series one figure a time. */
export type Samples = { at: readonly number[]; series: Readonly<Record<string, readonly (number | null)[]>> };

export const SAMPLE_INTERVAL_MS = 5_000;
/** Ten minutes of them. */
export const SAMPLES_KEPT = 120;

export const NO_SAMPLES: Samples = { at: [], series: {} };

/** The name of a series. */
export function seriesOf(kind: string, id: string, figure: string): string {
  return `${kind}/${id}/${figure}`;
}

const RATES = ['publish', 'deliver', 'ack'] as const;

/** The figures of the model at `now` (epoch ms); what is not current is no figure. */
export function figuresOf(model: Model, now: number): Figures {
  const figures: Record<string, number | null> = {};
  const take = (kind: string, id: string, figure: string, by: string | null, value: number | null) => {
    const told = by !== null && isCurrent(model.readings[by], now);
    figures[seriesOf(kind, id, figure)] = told ? value : null;
  };
  for (const { id, rates, by } of Object.values(model.brokerClusters)) {
    for (const figure of RATES) take('brokerClusters', id, figure, by, rates[figure]);
  }
  const { rates, waiting, figuresBy } = taskQueues(model.queues);
  for (const by of figuresBy.slice(0, 1)) {
    for (const figure of RATES) take('queues', 'tasks', figure, by, rates[figure]);
    take('queues', 'tasks', 'waiting', by, waiting);
  }
  for (const { id, resourcesBy, memoryUsedBytes } of Object.values(model.brokerNodes))
    take('brokerNodes', id, 'memory', resourcesBy, memoryUsedBytes);
  for (const { id, own, backends } of Object.values(model.proxies)) {
    const servers = backends.filter(({ carries }) => carries !== 'other').flatMap((backend) => backend.servers);
    take('proxies', id, 'sessions', own, sumTold(servers.map(({ sessions }) => sessions)));
  }
  for (const { id, own, opsPerSecond } of Object.values(model.redisNodes))
    take('redisNodes', id, 'ops', own, opsPerSecond);
  for (const { id, own } of Object.values(model.sentinels))
    take('sentinels', id, 'latency', own, model.readings[own]?.tookMs ?? null);
  for (const { id, own } of Object.values(model.consulServers))
    take('consulServers', id, 'latency', own, own === null ? null : (model.readings[own]?.tookMs ?? null));
  return figures;
}

/** The samples with one more, and without what is too old. A series that is new has gaps before, one that ended has them now. */
export function addSample(samples: Samples, at: number, figures: Figures): Samples {
  const names = new Set([...Object.keys(samples.series), ...Object.keys(figures)]);
  const gaps = samples.at.map(() => null);
  const series = [...names].flatMap((name) => {
    const values = [...(samples.series[name] ?? gaps), figures[name] ?? null].slice(-SAMPLES_KEPT);
    return values.every((value) => value === null) ? [] : [[name, values] as const];
  });
  return { at: [...samples.at, at].slice(-SAMPLES_KEPT), series: Object.fromEntries(series) };
}
