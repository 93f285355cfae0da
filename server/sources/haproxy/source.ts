/** HAProxy as a source. */
import { createRequestLog } from '#server/sources/request-log.ts';
import type { Source } from '#server/sources/source.ts';
import { type ProxyConfig, proxyId } from './config.ts';
import { haproxyEndpoints } from './observe.ts';
import { haproxyReduce } from './reduce.ts';

/** Statistics are cheap: one request a second for each proxy, four in a burst. */
const REST_PER_SECOND = 1.2;
const BURST_PER_SECOND = 4.2;

/** Watches the configured proxies. */
export function haproxySource(configs: readonly ProxyConfig[], clock: () => number): Source {
  const requests = createRequestLog(clock);
  return {
    kind: 'haproxy',
    budget: { atRest: REST_PER_SECOND * configs.length, inBurst: BURST_PER_SECOND * configs.length },
    requests,
    endpoints: haproxyEndpoints(configs, requests),
    reduce: haproxyReduce(configs.map((config) => ({ id: proxyId(config), config }))),
  };
}
