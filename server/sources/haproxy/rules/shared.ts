/** What the findings about HAProxy share: which views are current, what explains what, and what to type. Pure. */
import { andList } from '#lib/format/list.ts';
import { entityName } from '#lib/format/names.ts';
import type { Evidence } from '#lib/model/finding.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Proxy, ProxyBackend, ProxyServer, ServerCheck } from '#lib/model/haproxy.ts';
import type { Model } from '#lib/model/model.ts';
import type { Subject } from '#lib/model/transition.ts';
import { hostSubjects } from '#server/model/explanations.ts';

/** A backend as one proxy sees it now. */
export type BackendView = { proxy: Proxy; backend: ProxyBackend };

/** The proxies that answer now. */
export function currentProxies(model: Model, now: number): Proxy[] {
  return Object.values(model.proxies).filter(({ own }) => isCurrent(model.readings[own], now));
}

/** The backends of the proxies that answer, of what they carry. */
export function backendsOf(carries: readonly ProxyBackend['carries'][], model: Model, now: number): BackendView[] {
  return currentProxies(model, now).flatMap((proxy) =>
    proxy.backends.filter((backend) => carries.includes(backend.carries)).map((backend) => ({ proxy, backend })),
  );
}

/** One backend of one proxy, as the subject of a finding. */
export function partOf(proxy: string, backend: string): Subject {
  return { kind: 'proxies', id: proxy, part: backend };
}

/** What stands behind these servers, with its hosts, as explanations; for results also the service as a whole. */
export function behind(servers: readonly ProxyServer[], model: Model): Subject[] {
  return servers.flatMap(({ target }): Subject[] => {
    if (target === null) return [];
    const { kind, id } = target;
    const service = kind === 'redisNodes' ? model.redisNodes[id]?.service : undefined;
    return [
      { kind, id },
      ...hostSubjects(model[kind][id]?.host ?? null),
      ...(service === undefined ? [] : [{ kind: 'redisServices', id: service } as const]),
    ];
  });
}

/** A server by the name of what stands behind it, where that is known. */
export function serverName({ name, target }: ProxyServer, model: Model): string {
  return target === null ? name : entityName(target.kind, target.id, model);
}

/** What a proxy says of each server of a backend. */
export function stateOf({ proxy, backend }: BackendView): Evidence {
  const states = backend.servers.map(({ name, status, checkStatus }) =>
    [name, status, ...(checkStatus === null || status === 'no check' ? [] : [`(${checkStatus})`])].join(' '),
  );
  return { by: proxy.own, says: `${proxy.id}: ${backend.name}: ${states.join(', ')}` };
}

/** `On host-1: `, as the runtime socket is used there. */
export function place({ host }: Proxy): string {
  return host === null ? '' : `On ${host}: `;
}

/** A command for the runtime socket of a proxy, at its usual place. */
export function atSocket(...commands: readonly string[]): string {
  return commands.map((command) => `echo "${command}" | socat stdio /run/haproxy/admin.sock`).join('\n');
}

/** The servers whose check is found wanting, view by view. */
export type Wanting = { view: BackendView; servers: readonly ProxyServer[] };

export function wanting(
  carries: readonly ProxyBackend['carries'][],
  isWanting: (check: ServerCheck) => boolean,
  model: Model,
  now: number,
): Wanting[] {
  return backendsOf(carries, model, now).flatMap((view) => {
    const servers = view.backend.servers.filter(({ check }) => isWanting(check));
    return servers.length === 0 ? [] : [{ view, servers }];
  });
}

/** What a configuration lacks at all proxies alike is one finding: its subject, and its words. */
export function onAllProxies(
  all: readonly Wanting[],
  says: (server: ProxyServer) => string,
): { subject: Subject; proxies: string; backends: string; evidence: readonly Evidence[] } | null {
  const first = all[0]?.view.proxy.id;
  if (first === undefined) return null;
  const names = (pick: (one: Wanting) => string) => andList([...new Set(all.map(pick))]);
  return {
    subject: { kind: 'proxies', id: first },
    proxies: names(({ view }) => view.proxy.id),
    backends: names(({ view }) => view.backend.name),
    evidence: all.map(({ view: { proxy, backend }, servers }) => ({
      by: proxy.own,
      says: `${proxy.id}: ${servers.map((server) => `${backend.name}/${server.name} ${says(server)}`).join(', ')}`,
    })),
  };
}
