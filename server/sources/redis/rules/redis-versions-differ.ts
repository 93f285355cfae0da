/** RedisVersionsDiffer: the nodes of a service do not run the same version. */
import type { Found, Rule } from '#server/model/rule.ts';
import { answering, each } from './shared.ts';

export const redisVersionsDiffer: Rule = {
  code: 'RedisVersionsDiffer',
  severity: 'info',
  posture: false,
  means:
    'The nodes of one Redis service run different versions, as in the middle of an upgrade. A replica may be newer than its master; an older one may fail to read what a newer master sends.',
  mend: 'Finish the upgrade: the replicas first, then a failover, then the old master.',
  find(model, now) {
    return Object.values(model.redisServices).flatMap((service): Found[] => {
      const nodes = answering(service, model, now).filter(({ version }) => version !== null);
      if (new Set(nodes.map(({ version }) => version)).size < 2) return [];
      return [
        {
          subject: { kind: 'redisServices', id: service.id },
          text: `The nodes of ${service.id} run different versions: ${nodes.map(({ name, version }) => `${name} ${version}`).join(', ')}.`,
          evidence: each(nodes, ({ version }) => `version ${version}`),
          advice: { text: 'Upgrade the replicas first, then fail over, then upgrade the old master.', command: null },
        },
      ];
    });
  },
};
