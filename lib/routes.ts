/** Every address of Trellis, in one place. */
import type { DrillId } from './model/drill.ts';
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
  workers: '/workers',
  tasks: '/tasks',
  taskFailures: '/tasks/failures',
  drills: '/drills',
  runs: '/runs',
  timeline: '/timeline',
  audit: '/audit',
  sources: '/sources',
  api: {
    session: '/api/v1/session',
    audit: '/api/v1/audit',
    auditExport: '/api/v1/audit/export',
    stream: '/api/v1/stream',
    estate: '/api/v1/estate',
    timeline: '/api/v1/timeline',
    findings: '/api/v1/findings',
    acknowledge: '/api/v1/findings/ack',
    tasks: '/api/v1/tasks',
    taskCounts: '/api/v1/tasks/counts',
    taskActivity: '/api/v1/tasks/activity',
    taskFailures: '/api/v1/tasks/failures',
    taskSuggestions: '/api/v1/tasks/suggestions',
    taskExport: '/api/v1/tasks/export',
    taskSend: '/api/v1/tasks/send',
    taskBulk: '/api/v1/tasks/bulk',
    taskBulkPreview: '/api/v1/tasks/bulk/preview',
    throughput: '/api/v1/throughput',
    workers: '/api/v1/workers',
    operations: '/api/v1/operations',
    drills: '/api/v1/drills',
    drillOverview: '/api/v1/drills/overview',
    runs: '/api/v1/runs',
  },
} as const;

type PageHref = (typeof routes)[Exclude<keyof typeof routes, 'api'>];

/** `also` = pages at another address that belong to it. */
export type Page = { title: string; href: PageHref; key: string; also?: PageHref };

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
  { title: 'Workers', href: routes.workers, key: 'w' },
  { title: 'Tasks', href: routes.tasks, key: 'k' },
  { title: 'Drills', href: routes.drills, key: 'd', also: routes.runs },
  { title: 'Timeline', href: routes.timeline, key: 't' },
  { title: 'Audit', href: routes.audit, key: 'u' },
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
  workers: routes.workers,
  celeryWorkers: routes.workers,
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

/** The address of one worker, by Celery's node name. */
export function workerRoute(name: string): { pathname: string } {
  return { pathname: `${routes.workers}/${encodeURIComponent(name)}` };
}

/** The address of one task, by Celery's id; ids are free text, so it is escaped. */
export function taskRoute(id: string): { pathname: string } {
  return { pathname: `${routes.tasks}/${encodeURIComponent(id)}` };
}

/** The name in the last step of a path, as `workerRoute` wrote it; null = badly escaped. */
export function workerNameOf(path: string): string | null {
  return lastStepOf(path);
}

/** The task id in the last step of a path, as `taskRoute` wrote it; null = badly escaped. */
export function taskIdOf(path: string): string | null {
  return lastStepOf(path);
}

function lastStepOf(path: string): string | null {
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
  } catch {
    return null;
  }
}

/** What a drill is to be aimed at, as it was pointed at on the screen. */
export type Aim = { kind: Kind; id: string };

/** The parameter that names it, as `<kind>/<id>`. */
export const AIM = 'aim';

/** The address of the plan of a drill, aimed at something where `aim` says so. */
export function drillRoute(drill: DrillId, aim?: Aim): { pathname: string; query?: { aim: string } } {
  const pathname = `${routes.drills}/${drill}`;
  return aim === undefined ? { pathname } : { pathname, query: { [AIM]: `${aim.kind}/${aim.id}` } };
}

/** The parameter that names the run beside which another one is read. */
export const BESIDE = 'with';

/** The address of a run and its report, beside another run where one is given. */
export function runRoute(id: string, beside?: string): { pathname: string; query?: { with: string } } {
  const pathname = `${routes.runs}/${encodeURIComponent(id)}`;
  return beside === undefined ? { pathname } : { pathname, query: { [BESIDE]: beside } };
}

/** The drill or run in the last step of a path; null = badly escaped. */
export function drillOrRunOf(path: string): string | null {
  return lastStepOf(path);
}

/** What `/tasks` may be asked for; several of one name are alternatives. */
export type TasksLink = Readonly<Record<string, string | readonly string[]>>;

/** The address of the list of tasks under a filter. */
export function tasksRoute(filter: TasksLink): { pathname: Page['href']; query: Record<string, string | string[]> } {
  const query = Object.entries(filter).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]);
  return { pathname: routes.tasks, query: Object.fromEntries(query) };
}

/** The stretch of the timeline between two times (epoch ms). */
export function timelineRoute(
  from: number,
  to: number,
): { pathname: Page['href']; query: { from: number; to: number } } {
  return { pathname: routes.timeline, query: { from, to } };
}

/** The page that an address belongs to; a page of details belongs to its list. null = none. */
export function pageAt(path: string): Page | null {
  const isAt = (href: PageHref) => path === href || (href !== routes.estate && path.startsWith(`${href}/`));
  return PAGES.find(({ href, also }) => isAt(href) || (also !== undefined && isAt(also))) ?? null;
}
