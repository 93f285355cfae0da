/** UncheckedServer: a proxy sends to a server whether it lives or not. */
import type { Rule } from '#server/model/rule.ts';
import { onAllProxies, wanting } from './shared.ts';

export const uncheckedServer: Rule = {
  code: 'UncheckedServer',
  severity: 'warning',
  posture: true,
  means:
    'A server has no health check: HAProxy sends connections to it whether it lives or not, and its backups are never used. For results it also cannot tell a master from a replica.',
  mend: 'Add `check inter 1s fall 3 rise 2 on-marked-down shutdown-sessions` to the server, and for results a `tcp-check` that expects `role:master`.',
  find(model, now) {
    const found = onAllProxies(
      wanting(['broker', 'results'], ({ kind }) => kind === 'none', model, now),
      () => 'no check',
    );
    if (found === null) return [];
    const { subject, proxies, backends, evidence } = found;
    return [
      {
        ...{ subject, evidence },
        text: `Servers of ${backends} at ${proxies} have no check: a dead one gets connections as well.`,
        advice: {
          text: `Add this to each server of ${backends} in every haproxy.cfg.`,
          command: 'check inter 1s fall 3 rise 2 on-marked-down shutdown-sessions',
        },
      },
    ];
  },
};
