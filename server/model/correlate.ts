/** Correlation: facts that only show when several sources are put side by side. Pure. */
import type { ProxyBackend, ProxyServer, ProxyTarget } from '#lib/model/haproxy.ts';
import type { Host, Model } from '#lib/model/model.ts';

/** The host that carries an `address:port` or plain address; null when no host of the estate has it. */
export function hostOf(address: string | null, hosts: Readonly<Record<string, Host>>): string | null {
  if (address === null) return null;
  const bare = bareAddress(address);
  return Object.values(hosts).find((host) => host.address === bare)?.id ?? null;
}

/** `10.0.0.1:5672` → `10.0.0.1`, `[::1]:5672` → `::1`; a plain address stays as it is. */
export function bareAddress(address: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  const parts = address.split(':');
  return parts.length === 2 ? (parts[0] as string) : address;
}

/** Ties the servers behind every proxy to the broker or Redis node that listens there. */
export function correlate(model: Model): Model {
  const targets = targetsByAddress(model);
  const proxies = Object.fromEntries(
    Object.entries(model.proxies).map(([id, proxy]) => {
      const backends = proxy.backends.map((backend) => tie(backend, targets));
      return [id, { ...proxy, backends }];
    }),
  );
  return { ...model, proxies };
}

function targetsByAddress(model: Model): ReadonlyMap<string, ProxyTarget> {
  const targets = new Map<string, ProxyTarget>();
  for (const node of Object.values(model.brokerNodes)) {
    if (node.address !== null) targets.set(node.address, { kind: 'brokerNodes', id: node.id });
  }
  for (const node of Object.values(model.redisNodes)) targets.set(node.address, { kind: 'redisNodes', id: node.id });
  return targets;
}

function tie(backend: ProxyBackend, targets: ReadonlyMap<string, ProxyTarget>): ProxyBackend {
  const servers = backend.servers.map(
    (server): ProxyServer => ({
      ...server,
      target: server.address === null ? null : (targets.get(server.address) ?? null),
    }),
  );
  const kinds = new Set(servers.flatMap((server) => (server.target === null ? [] : [server.target.kind])));
  const carries = kinds.has('brokerNodes') ? 'broker' : kinds.has('redisNodes') ? 'results' : 'other';
  return { ...backend, servers, carries };
}
