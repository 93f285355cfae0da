/** NoRedisReplica: the master stands alone. */
import { nodesOf, ownRole, selfMasters } from '#lib/model/masters.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { answering, blaming, each, isGone, redisCli } from './shared.ts';

export const noRedisReplica: Rule = {
  code: 'NoRedisReplica',
  severity: 'warning',
  posture: false,
  means:
    'The master of a Redis service has no replica that answers and follows it. The redundancy is gone: if the master fails now, nobody takes over, and results are lost.',
  mend: 'Bring a replica back. After a restart it copies the whole of the data from the master first.',
  holdMs: 3_000,
  find(model, now) {
    return Object.values(model.redisServices).flatMap((service): Found[] => {
      const [id, second] = selfMasters(service, model, now).map((node) => node.id);
      const nodes = answering(service, model, now);
      const master = nodes.find((node) => node.id === id);
      if (master === undefined || second !== undefined) return [];
      const others = nodesOf(service, model).filter((node) => node.id !== id);
      const replicas = nodes.filter((node) => ownRole(node, model, now) === 'replica');
      const untold = others.filter((node) => !replicas.some((one) => one.id === node.id) && !isGone(node, model, now));
      const hasOne = replicas.some(({ linkUp }) => linkUp !== false);
      if (hasOne || (untold.length > 0 && master.connectedReplicas !== 0)) return [];
      return [
        {
          subject: { kind: 'redisServices', id: service.id },
          text: `${master.name} has no replica: if it fails, nobody takes over ${service.id}.`,
          evidence: [
            ...each([master], () => (master.connectedReplicas === 0 ? 'master, connected_slaves:0' : 'master')),
            ...each(replicas, () => 'link down'),
          ],
          advice: {
            text:
              others.length === 0
                ? `Set up a second node that follows ${master.name}.`
                : `Bring back ${others.map(({ name }) => name).join(' or ')}; then this lists it as online.`,
            command: redisCli(master.address, 'INFO replication'),
          },
          because: others.flatMap(blaming),
        },
      ];
    });
  },
};
