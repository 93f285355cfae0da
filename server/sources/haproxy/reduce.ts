/** From HAProxy's statistics to proxies, and to the server that really serves. Pure. */
import type { Proxy, ProxyBackend, ProxyServer, ServerCheck } from '#lib/model/haproxy.ts';
import { readingKey } from '#lib/model/reading.ts';
import { hostOf } from '#server/model/correlate.ts';
import { answersTo, type Reduce } from '#server/model/fold.ts';
import { endpointEntities } from '#server/sources/endpoints.ts';
import type { ProxyConfig } from './config.ts';
import type { ConfigFilePayload, ServerSettings } from './config-file.ts';
import type { InfoPayload, ServerRow, StatsPayload } from './payloads.ts';

export type ProxyIdentity = { id: string; config: ProxyConfig };

/** The reducer for the configured proxies. */
export function haproxyReduce(proxies: readonly ProxyIdentity[]): Reduce {
  return (latest, context) => {
    const stats = new Map(answersTo<StatsPayload>(latest, 'stats').map((one) => [one.endpoint, one.data]));
    const infos = new Map(answersTo<InfoPayload>(latest, 'info').map((one) => [one.endpoint, one.data]));
    const files = new Map(answersTo<ConfigFilePayload>(latest, 'config').map((one) => [one.endpoint, one.data]));
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
            backends: backendsOf(stats.get(id)?.servers ?? [], files.get(id)),
          };
          return [id, proxy];
        }),
      ),
    };
  };
}

function backendsOf(rows: readonly ServerRow[], file: ConfigFilePayload | undefined): ProxyBackend[] {
  const settings = Map.groupBy(file?.servers ?? [], (one) => one.backend);
  return [...Map.groupBy(rows, (row) => row.backend)].map(([name, own]) => {
    const ofName = new Map(settings.get(name)?.map((one) => [one.name, one]));
    const kind = kindOf(own);
    const servers = own.map((row) => serverOf(row, kind, ofName.get(row.name)));
    return { name, carries: 'other', servers, serving: servingOf(servers) };
  });
}

/** HAProxy sends new connections to servers that are UP (also while a check fails for the first times) or unchecked. */
function isUsable(status: string): boolean {
  return /^UP\b/.test(status) || status === 'no check';
}

function serverOf(row: ServerRow, kind: ServerCheck['kind'], settings: ServerSettings | undefined): ProxyServer {
  const { name, address, backup, status, checkStatus, checkDetail, sessions, totalSessions, secondsSinceChange } = row;
  const usable = isUsable(status);
  return {
    ...{ name, address, backup, status, usable, checkStatus, checkDetail },
    ...{ sessions, totalSessions, secondsSinceChange, check: checkOf(row, kind, settings), target: null },
  };
}

/** The statistics tell what runs now; the file tells the rest, and may be newer than what runs. */
function checkOf(row: ServerRow, kind: ServerCheck['kind'], settings: ServerSettings | undefined): ServerCheck {
  const endsSessions = settings?.endsSessions ?? null;
  if (row.status === 'no check') return { kind: 'none', intervalMs: null, fall: null, rise: null, endsSessions };
  return {
    kind: row.checkStatus === null ? null : kind,
    intervalMs: settings?.intervalMs ?? null,
    fall: row.fall ?? settings?.fall ?? null,
    rise: row.rise ?? settings?.rise ?? null,
    endsSessions,
  };
}

/**
 * What a backend's check asks for is set for all its servers. A result on layer 4 tells it only when the check passed: one
 * that could not even connect looks alike for both kinds.
 */
function kindOf(rows: readonly ServerRow[]): ServerCheck['kind'] {
  if (rows.some((row) => /^L[67]/.test(row.checkStatus ?? ''))) return 'content';
  return rows.some((row) => row.checkStatus === 'L4OK') ? 'tcp' : null;
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
