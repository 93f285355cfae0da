/** RedisLinkDown: a replica has lost its master. */
import { redisName } from '#lib/format/names.ts';
import { nodesOf, ownRole } from '#lib/model/masters.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { answering, blaming, each, redisCli } from './shared.ts';

export const redisLinkDown: Rule = {
  code: 'RedisLinkDown',
  severity: 'warning',
  posture: false,
  means:
    'A replica answers, and its link to the master is down: it gets no new writes. Its copy ages, and after ten down-after times the Sentinels do not promote it any more.',
  mend: 'While the master is down this ends with the failover. Else look at the network between the two, at `masterauth`, and at the replication limits in the master’s log (`client-output-buffer-limit replica`).',
  holdMs: 3_000,
  find(model, now) {
    return Object.values(model.redisServices).flatMap((service) =>
      answering(service, model, now)
        .filter((node) => ownRole(node, model, now) === 'replica' && node.linkUp === false)
        .map((node): Found => {
          const { masterAddress } = node;
          const master = masterAddress === null ? 'its master' : redisName(masterAddress, service.id, model);
          return {
            subject: { kind: 'redisNodes', id: node.id },
            text: `${node.name} has lost its link to ${master}: its copy of ${service.id} ages.`,
            evidence: each([node], () => `link to ${master} down`),
            advice: {
              text: `Look at the log of ${node.name} for why it cannot follow ${master}.`,
              command: redisCli(node.address, 'INFO replication'),
            },
            because: nodesOf(service, model)
              .filter(({ address }) => address === masterAddress)
              .flatMap(blaming),
          };
        }),
    );
  },
};
