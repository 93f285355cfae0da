/** SessionsSurvive: connections stay on a server that is marked down. */
import type { Rule } from '#server/model/rule.ts';
import { onAllProxies, wanting } from './shared.ts';

export const sessionsSurvive: Rule = {
  code: 'SessionsSurvive',
  severity: 'info',
  posture: true,
  means:
    'Without `on-marked-down shutdown-sessions` open connections stay on a server that is marked down. Clients go on writing results to a demoted Redis, and wait on a hung broker until their own timeouts end.',
  mend: 'Add `on-marked-down shutdown-sessions` to every server of the broker and of the results.',
  find(model, now) {
    const found = onAllProxies(
      wanting(['broker', 'results'], ({ endsSessions }) => endsSessions === false, model, now),
      () => 'keeps its sessions when down',
    );
    if (found === null) return [];
    const { subject, proxies, backends, evidence } = found;
    return [
      {
        ...{ subject, evidence },
        text: `Sessions of ${backends} at ${proxies} survive the failure of their server: clients hang on it.`,
        advice: {
          text: `Add this to each server of ${backends} in every haproxy.cfg.`,
          command: 'on-marked-down shutdown-sessions',
        },
      },
    ];
  },
};
