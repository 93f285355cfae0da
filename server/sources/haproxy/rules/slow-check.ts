/** SlowCheck: a demoted or dead master goes on serving for long. */
import { formatAge } from '#lib/format/quantity.ts';
import type { ServerCheck } from '#lib/model/haproxy.ts';
import type { Rule } from '#server/model/rule.ts';
import { onAllProxies, wanting } from './shared.ts';

const SLOW_MS = 10_000;

export const slowCheck: Rule = {
  code: 'SlowCheck',
  severity: 'info',
  posture: true,
  means:
    'A proxy needs `inter` times `fall` to find that a Redis node is no longer master. All that time it sends results there, and they are refused or lost.',
  mend: 'Check the servers of results every second, with `fall 2` or `fall 3`.',
  find(model, now) {
    const slow = wanting(['results'], (check) => noticeMs(check) > SLOW_MS, model, now);
    const found = onAllProxies(
      slow,
      ({ check }) => `inter ${formatAge(check.intervalMs ?? 0)}, fall ${check.fall ?? 0}`,
    );
    if (found === null) return [];
    const { subject, proxies, backends, evidence } = found;
    const slowest = Math.max(...slow.flatMap(({ servers }) => servers.map(({ check }) => noticeMs(check))));
    return [
      {
        ...{ subject, evidence },
        text: `That a server of ${backends} is no longer master is found only after ${formatAge(slowest)} at ${proxies}.`,
        advice: {
          text: `Check more often: this for each server of ${backends} in every haproxy.cfg.`,
          command: 'check inter 1s fall 3 rise 2',
        },
      },
    ];
  },
};

/** How long until a failed server is marked down; 0 = not told. */
function noticeMs({ intervalMs, fall }: ServerCheck): number {
  return (intervalMs ?? 0) * (fall ?? 0);
}
