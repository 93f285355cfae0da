/** Where the proxies know a broker or Redis node. Pure. */
import type { Proxy, ProxyBackend, ProxyServer, ProxyTarget } from '#lib/model/haproxy.ts';
import type { Model } from '#lib/model/model.ts';

export type ProxyPlace = {
  proxy: Proxy;
  backend: ProxyBackend;
  server: ProxyServer;
  /** `backend/server`, as its runtime socket wants it. */
  path: string;
};

/** Every server of every proxy that stands for this node. */
export function serversFor(target: ProxyTarget, model: Pick<Model, 'proxies'>): ProxyPlace[] {
  return Object.values(model.proxies).flatMap((proxy) =>
    proxy.backends.flatMap((backend) =>
      backend.servers
        .filter((server) => server.target?.kind === target.kind && server.target.id === target.id)
        .map((server) => ({ proxy, backend, server, path: `${backend.name}/${server.name}` })),
    ),
  );
}
