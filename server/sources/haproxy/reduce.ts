/** From HAProxy's statistics to proxies, and to the server that really serves. Pure. */
import type { Proxy, ProxyBackend, ProxyServer } from '#lib/model/haproxy.ts';
import { readingKey } from '#lib/model/reading.ts';
import { hostOf } from '#server/model/correlate.ts';
import { answersTo, type Reduce } from '#server/model/fold.ts';
import { endpointEntities } from '#server/sources/endpoints.ts';
import type { ProxyConfig } from './config.ts';
import type { InfoPayload, ServerRow, StatsPayload } from './payloads.ts';

export type ProxyIdentity = { id: string; config: ProxyConfig };

/** The reducer for the configured proxies. */
export function haproxyReduce(proxies: readonly ProxyIdentity[]): Reduce {
  return (latest, context) => {
    const stats = new Map(answersTo<StatsPayload>(latest, 'stats').map((one) => [one.endpoint, one.data]));
    const infos = new Map(answersTo<InfoPayload>(latest, 'info').map((one) => [one.endpoint, one.data]));
    return {
      endpoints: endpointEntities(latest, (endpoint) => ({ version: infos.get(endpoint)?.version })),
      proxies: Object.fromEntries(
        proxies.map(({ id, config }) => {
          const address = config.socket ?? new URL(config.stats as string).host;
          const proxy: Proxy = {
            id,
            host: config.host ?? hostOf(address, context.hosts),
            own: readingKey('haproxy', id, 'stats'),
            process: infos.get(id) ?? null,
            backends: backendsOf(stats.get(id)?.servers ?? []),
          };
          return [id, proxy];
        }),
      ),
    };
  };
}

function backendsOf(rows: readonly ServerRow[]): ProxyBackend[] {
  return [...Map.groupBy(rows, (row) => row.backend)].map(([name, own]) => {
    const servers = own.map(serverOf);
    return { name, carries: 'other', servers, serving: servingOf(servers) };
  });
}

/** HAProxy sends new connections to servers that are UP (also while a check fails for the first times) or unchecked. */
function isUsable(status: string): boolean {
  return /^UP\b/.test(status) || status === 'no check';
}

function serverOf(row: ServerRow): ProxyServer {
  const { name, address, backup, status, checkStatus, checkDetail, sessions, totalSessions, secondsSinceChange } = row;
  const usable = isUsable(status);
  return {
    ...{ name, address, backup, status, usable, checkStatus, checkDetail },
    ...{ sessions, totalSessions, secondsSinceChange, target: null },
  };
}

/** All usable active servers, else the first usable backup in configuration order (HAProxy's rule without allbackups). */
function servingOf(servers: readonly ProxyServer[]): string[] {
  const active = servers.filter((server) => server.usable && !server.backup);
  if (active.length > 0) return active.map((server) => server.name);
  return servers
    .filter((server) => server.usable && server.backup)
    .slice(0, 1)
    .map((server) => server.name);
}
