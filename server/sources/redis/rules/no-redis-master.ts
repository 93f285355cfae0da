/** NoRedisMaster: no node of a service is master. */
import { nodesOf } from '#lib/model/masters.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { answering, each, goneNodes, goneSentinels, isGone, redisCli, viewsOf } from './shared.ts';

export const noRedisMaster: Rule = {
  code: 'NoRedisMaster',
  severity: 'critical',
  posture: false,
  means:
    'No node of the Redis service is master: those that answer are replicas, the others are known to be gone. Results cannot be written, and tasks that wait for results fail. A node that is merely silent to Trellis might still be master: then this is not said.',
  mend: 'The Sentinels promote a replica by themselves within the down-after time and two to four seconds more. If they do not, look whether they have a quorum and whether a replica may be promoted at all, and order the failover by hand.',
  holdMs: 1_000,
  find(model, now) {
    return Object.values(model.redisServices).flatMap((service): Found[] => {
      const nodes = answering(service, model, now);
      const roles = nodes.map((node) => node.role.find(({ by }) => by === node.own)?.value);
      const silent = nodesOf(service, model).filter(({ id }) => !nodes.some((node) => node.id === id));
      const isTold = nodes.length > 0 && roles.every((role) => role === 'replica');
      if (!isTold || !silent.every((node) => isGone(node, model, now))) return [];
      const sentinel = viewsOf(service, model, now)[0]?.sentinel;
      return [
        {
          subject: { kind: 'redisServices', id: service.id },
          text: `No node of ${service.id} is master: results cannot be written.`,
          evidence: each(nodes, () => 'replica'),
          advice: {
            text:
              sentinel === undefined
                ? 'No Sentinel answers, so nobody promotes a replica: start the Sentinels.'
                : 'If the Sentinels promote no replica within seconds, order it.',
            command: sentinel === undefined ? null : redisCli(sentinel.id, `SENTINEL FAILOVER ${service.masterName}`),
          },
          because: [...goneNodes(service, model, now), ...goneSentinels(model, now)],
        },
      ];
    });
  },
};
