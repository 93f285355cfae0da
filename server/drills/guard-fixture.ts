import type { Finding } from '#lib/model/finding.ts';
import type { ProxyServer } from '#lib/model/haproxy.ts';
import type { Model } from '#lib/model/model.ts';
import type { Queue } from '#lib/model/rabbitmq.ts';
import type { RedisService, Sentinel } from '#lib/model/redis.ts';
import { forecastsOf } from '#server/model/forecast.ts';
import { changed, NOW, RABBIT_1, toldEstate } from '#server/sources/told-estate.ts';
import { type DrillSettings, drillsConfig } from './config.ts';
import type { Guard, Means, Scene } from './drill.ts';

export const whole: Model = { ...toldEstate(), findings: {} };
export const service = whole.redisServices.results as RedisService;
export const queue = whole.queues['/:celery'] as Queue;
export const MASTER = 'results/127.0.1.2:6379';
export const REPLICA = 'results/127.0.1.1:6379';
export const SENTINEL = '127.0.1.3:26379';
export const INFO = 'redis/results/127.0.1.2:6379/info';
export const TARGET = { kind: 'brokerNodes', id: RABBIT_1 } as const;
export const PROCESS = { ...TARGET, host: 'host-1' };
export const HOST_1 = { kind: 'hosts', id: 'host-1' } as const;

type Scenery = { settings?: DrillSettings; means?: Partial<Means>; now?: number };

/** What guards and plans look at. */
export function sceneOf(model: Model, more: Scenery = {}): Scene {
  const means: Means = {
    ...{
      rabbitmq: true,
      entrances: true,
      socketProblem: () => null,
      verbs: () => ['kill', 'start'],
      preview: () => [],
    },
    ...more.means,
  };
  return { model, now: more.now ?? NOW, settings: more.settings ?? drillsConfig.parse({}), means };
}

export function judged(guard: Guard, model: Model = whole, more: Scenery = {}) {
  const { level, text } = guard(sceneOf(model, more));
  return `${level}: ${text}`;
}

export function view(model: Model, change: Partial<Sentinel['views'][number]>): Model {
  const views = model.sentinels[SENTINEL]?.views.map((one) => ({ ...one, ...change })) ?? [];
  return changed(model, 'sentinels', SENTINEL, { views });
}

/** Every server of a proxy's backend changed. */
export function servers(
  model: Model,
  proxy: string,
  backend: string,
  how: (one: ProxyServer) => Partial<ProxyServer>,
): Model {
  const backends = (model.proxies[proxy]?.backends ?? []).map((one) =>
    one.name === backend ? { ...one, servers: one.servers.map((server) => ({ ...server, ...how(server) })) } : one,
  );
  return changed(model, 'proxies', proxy, { backends });
}

/** One server of a proxy's backend in another status. */
export function standing(proxy: string, backend: string, server: string, status: string, model: Model = whole): Model {
  return servers(model, proxy, backend, ({ name }) => (name === server ? { status, usable: false } : {}));
}

/** The policy that queue celery follows says this. */
export function policed(definition: Readonly<Record<string, unknown>>): Model {
  const policy = { id: '/:ha-all', vhost: '/', name: 'ha-all', pattern: '.*', appliesTo: 'queues', priority: 0 };
  return { ...whole, policies: { [policy.id]: { ...policy, definition, by: 'rabbitmq/cluster/policies' } } };
}

export function serving(model: Model, names: readonly string[]): Model {
  const backends = (model.proxies['haproxy-3']?.backends ?? []).map((one) =>
    one.name === 'redis' ? { ...one, serving: names } : one,
  );
  return changed(model, 'proxies', 'haproxy-3', { backends });
}

export function found(finding: Partial<Finding>): Model {
  const one: Finding = {
    ...{
      id: 'x',
      code: 'NoWorkers',
      severity: 'critical',
      posture: false,
      subject: HOST_1,
      host: null,
      text: 'Nobody works.',
    },
    ...{ evidence: [], advice: { text: '', command: null }, since: 0, lastSeen: null, root: null, acknowledged: null },
    ...finding,
  };
  return { ...whole, findings: { [one.id]: one } };
}

export const forecasts = (model: Model): Model => ({ ...model, forecasts: forecastsOf(model, NOW) });
export const role = (id: string, value: 'master' | 'replica') =>
  changed(whole, 'redisNodes', id, { role: whole.redisNodes[id]?.role.map(({ by }) => ({ by, value })) ?? [] });
export const workersLeft = (ids: readonly string[]): Model => ({
  ...whole,
  workers: Object.fromEntries(Object.entries(whole.workers).filter(([id]) => ids.includes(id))),
});
export const lock = whole.locks.beat as Model['locks'][string];

export const run = { id: 'r-1', drill: 'redis-switch', state: 'running' } as const;
export const frozen = drillsConfig.parse({
  freeze: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', to: '23:59' }],
});
export const openAt = Date.UTC(2026, 10, 20, 12);
