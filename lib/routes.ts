/** Every address of Trellis, in one place. */
import type { Kind } from './model/model.ts';

export const routes = {
  estate: '/',
  findings: '/findings',
  forecast: '/forecast',
  broker: '/broker',
  resultStore: '/result-store',
  proxies: '/proxies',
  coordination: '/coordination',
  beat: '/beat',
  timeline: '/timeline',
  sources: '/sources',
  api: {
    stream: '/api/v1/stream',
    estate: '/api/v1/estate',
    timeline: '/api/v1/timeline',
    findings: '/api/v1/findings',
    acknowledge: '/api/v1/findings/ack',
  },
} as const;

export type Page = { title: string; href: (typeof routes)[Exclude<keyof typeof routes, 'api'>]; key: string };

/** The pages in the order of the navigation; `key` follows `g` on the keyboard. */
export const PAGES: readonly Page[] = [
  { title: 'Estate', href: routes.estate, key: 'e' },
  { title: 'Findings', href: routes.findings, key: 'f' },
  { title: 'Forecast', href: routes.forecast, key: 'o' },
  { title: 'Broker', href: routes.broker, key: 'b' },
  { title: 'Result store', href: routes.resultStore, key: 'r' },
  { title: 'Proxies', href: routes.proxies, key: 'p' },
  { title: 'Coordination', href: routes.coordination, key: 'c' },
  { title: 'Beat', href: routes.beat, key: 'a' },
  { title: 'Timeline', href: routes.timeline, key: 't' },
  { title: 'Sources', href: routes.sources, key: 's' },
];

/** The page that shows entities of a kind. */
const PAGE_OF: Readonly<Partial<Record<Kind | 'endpoints', Page['href']>>> = {
  brokerClusters: routes.broker,
  brokerNodes: routes.broker,
  queues: routes.broker,
  policies: routes.broker,
  redisServices: routes.resultStore,
  redisNodes: routes.resultStore,
  sentinels: routes.resultStore,
  proxies: routes.proxies,
  coordinators: routes.coordination,
  consulServers: routes.coordination,
  consulChecks: routes.coordination,
  locks: routes.beat,
  beats: routes.beat,
  endpoints: routes.sources,
  findings: routes.findings,
};

/** The parameter that names the selected entity, as `<kind>/<id>`. */
export const SELECT = 'select';

/** The address of an entity on the page of its layer. */
export function entityRoute(
  kind: Kind | 'endpoints',
  id: string,
): { pathname: Page['href']; query: { select: string } } {
  return { pathname: PAGE_OF[kind] ?? routes.estate, query: { [SELECT]: `${kind}/${id}` } };
}

/** The address of a forecast, by its id. */
export function forecastRoute(id: string): { pathname: Page['href']; query: { select: string } } {
  return { pathname: routes.forecast, query: { [SELECT]: id } };
}
