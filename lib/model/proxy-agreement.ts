/** Whether the proxies agree: each decides by its own checks, so one can go on sending to the old place. Pure. */
import { isCurrent } from './freshness.ts';
import type { Proxy, ProxyBackend, ProxyServer } from './haproxy.ts';
import { agreedMaster } from './masters.ts';
import type { Model } from './model.ts';

/** One backend of the estate, by its name at all proxies. */
export type BackendColumn = Pick<ProxyBackend, 'name' | 'carries'>;

/** What is wrong with who serves. Nodes are ids of Redis nodes. */
export type ServingProblem =
  | { code: 'nobody'; proxy: string; backend: string }
  | { code: 'on-backup'; proxy: string; backend: string; server: ProxyServer }
  | { code: 'two-masters'; proxy: string; backend: string; nodes: readonly string[] }
  /** The Sentinels agree on a master, and this proxy sends elsewhere. */
  | { code: 'not-the-master'; proxy: string; backend: string; node: string; master: string }
  /** Nobody can say who is right: which proxies send where. */
  | { code: 'not-agreed'; backend: string; sides: readonly { node: string; proxies: readonly string[] }[] };

const ORDER = ['broker', 'results', 'other'] as const satisfies readonly ProxyBackend['carries'][];

/** Every backend that any proxy has: broker, then results, then others. */
export function backendColumns(proxies: readonly Proxy[]): BackendColumn[] {
  const byName = Map.groupBy(
    proxies.flatMap((proxy) => proxy.backends),
    (backend) => backend.name,
  );
  return [...byName]
    .map(([name, same]) => ({ name, carries: same.find(({ carries }) => carries !== 'other')?.carries ?? 'other' }))
    .sort((a, b) => ORDER.indexOf(a.carries) - ORDER.indexOf(b.carries));
}

/** The servers of a backend that get new connections now. */
export function servingServers(backend: ProxyBackend): ProxyServer[] {
  return backend.servers.filter((server) => backend.serving.includes(server.name));
}

/** What is wrong with who serves, at `now`, in the word of the proxies that answer. */
export function servingProblems(model: Model, now: number): ServingProblem[] {
  const proxies = Object.values(model.proxies).filter((proxy) => isCurrent(model.readings[proxy.own], now));
  return backendColumns(proxies)
    .filter(({ carries }) => carries !== 'other')
    .flatMap(({ name, carries }) => {
      const views = proxies.flatMap((proxy): View[] => {
        const backend = proxy.backends.find((one) => one.name === name);
        return backend === undefined ? [] : [{ proxy: proxy.id, backend: name, serving: servingServers(backend) }];
      });
      const empty = views.filter(({ serving }) => serving.length === 0).map(({ proxy }) => nobody(proxy, name));
      return [...empty, ...(carries === 'results' ? resultProblems(views, name, model, now) : backupProblems(views))];
    });
}

type View = { proxy: string; backend: string; serving: readonly ProxyServer[] };

function nobody(proxy: string, backend: string): ServingProblem {
  return { code: 'nobody', proxy, backend };
}

/** Each proxy may prefer another broker node; only a backup that serves is worth a word. */
function backupProblems(views: readonly View[]): ServingProblem[] {
  return views.flatMap(({ proxy, backend, serving }) =>
    serving.filter((server) => server.backup).map((server) => ({ code: 'on-backup' as const, proxy, backend, server })),
  );
}

/** Results live on one master: all proxies must send to it, and to nothing else. */
function resultProblems(views: readonly View[], backend: string, model: Model, now: number): ServingProblem[] {
  const sides = views.map(({ proxy, serving }) => ({ proxy, nodes: redisNodesOf(serving) }));
  const several = sides.filter(({ nodes }) => nodes.length > 1);
  const single = sides.flatMap(({ proxy, nodes: [node, ...more] }) =>
    node === undefined || more.length > 0 ? [] : [{ proxy, node }],
  );
  return [
    ...several.map(({ proxy, nodes }) => ({ code: 'two-masters' as const, proxy, backend, nodes })),
    ...disagreements(single, backend, model, now),
  ];
}

function disagreements(
  single: readonly { proxy: string; node: string }[],
  backend: string,
  model: Model,
  now: number,
): ServingProblem[] {
  const master = single[0] === undefined ? null : agreedMaster(single[0].node, model, now);
  if (master !== null) {
    return single
      .filter(({ node }) => node !== master)
      .map(({ proxy, node }) => ({ code: 'not-the-master', proxy, backend, node, master }));
  }
  const byNode = [...Map.groupBy(single, ({ node }) => node)];
  if (byNode.length < 2) return [];
  const sides = byNode.map(([node, same]) => ({ node, proxies: same.map(({ proxy }) => proxy) }));
  return [{ code: 'not-agreed', backend, sides }];
}

function redisNodesOf(servers: readonly ProxyServer[]): string[] {
  return [...new Set(servers.flatMap(({ target }) => (target?.kind === 'redisNodes' ? [target.id] : [])))];
}
