/** HAProxy as a source. */
import type { Source } from '#server/sources/source.ts';
import type { ProxyConfig } from './config.ts';
import { haproxyEndpoints, proxyId } from './observe.ts';
import { haproxyReduce } from './reduce.ts';

/** Watches the configured proxies. */
export function haproxySource(configs: readonly ProxyConfig[]): Source {
  return {
    kind: 'haproxy',
    endpoints: haproxyEndpoints(configs),
    reduce: haproxyReduce(configs.map((config) => ({ id: proxyId(config), config }))),
  };
}
