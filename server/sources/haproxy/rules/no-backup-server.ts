/** NoBackupServer: a proxy knows one server only. */
import type { Rule } from '#server/model/rule.ts';
import { backendsOf, onAllProxies } from './shared.ts';

export const noBackupServer: Rule = {
  code: 'NoBackupServer',
  severity: 'warning',
  posture: true,
  means:
    'A backend for the broker or for results has one server. If that fails, the proxy has nowhere to send, even where the estate has other nodes that could serve.',
  mend: 'Name all broker nodes, or all Redis nodes, in the backend: the brokers beyond the first as `backup`, the Redis nodes with a check that expects `role:master`.',
  find(model, now) {
    const single = backendsOf(['broker', 'results'], model, now).filter(({ backend }) => backend.servers.length === 1);
    const found = onAllProxies(
      single.map((view) => ({ view, servers: view.backend.servers })),
      () => 'is the only server',
    );
    if (found === null) return [];
    const { subject, proxies, backends, evidence } = found;
    return [
      {
        ...{ subject, evidence },
        text: `A single server stands behind ${backends} at ${proxies}: if it fails, nobody serves.`,
        advice: { text: `Name all nodes that could serve in ${backends} of every haproxy.cfg.`, command: null },
      },
    ];
  },
};
