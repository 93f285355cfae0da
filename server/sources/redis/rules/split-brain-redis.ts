/** SplitBrainRedis: two nodes of a service call themselves master. */
import { andList } from '#lib/format/list.ts';
import { agreedMaster, selfMasters } from '#lib/model/masters.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { answering, each, hostAndPort, redisCliEach } from './shared.ts';

export const splitBrainRedis: Rule = {
  code: 'SplitBrainRedis',
  severity: 'critical',
  posture: false,
  means:
    'Two nodes of one Redis service call themselves master, and both take writes. As soon as the Sentinels demote one of them it throws away what was written to it: task results are lost. After a plain `SENTINEL FAILOVER` this is usual for up to 12 seconds.',
  mend: 'After a `SENTINEL FAILOVER`, or when a cut-off master came back, the Sentinels end it by themselves within about 12 seconds. If it lasts, make the old master follow the one that the Sentinels agree on, with `REPLICAOF`.',
  find(model, now) {
    return Object.values(model.redisServices).flatMap((service): Found[] => {
      const ids = selfMasters(service, model, now).map(({ id }) => id);
      const masters = answering(service, model, now).filter(({ id }) => ids.includes(id));
      if (masters.length < 2 || masters[0] === undefined) return [];
      const right = model.redisNodes[agreedMaster(masters[0].id, model, now) ?? ''];
      const wrong = masters.filter(({ id }) => id !== right?.id);
      const names = andList(wrong.map(({ name }) => name));
      const all = andList(masters.map(({ name }) => name));
      return [
        {
          subject: { kind: 'redisServices', id: service.id },
          text: `${all} call themselves master of ${service.id}: what is written to ${right === undefined ? 'all but one of them' : names} will be lost.`,
          evidence: each(masters, () => 'master'),
          advice: {
            text:
              right === undefined
                ? 'The Sentinels do not agree on one of them: see first why they cannot reach each other.'
                : `For up to 12 seconds after SENTINEL FAILOVER this is usual. If it lasts, let ${names} follow ${right.name}, on which the Sentinels agree.`,
            command:
              right === undefined
                ? null
                : redisCliEach(
                    wrong.map(({ address }) => address),
                    `REPLICAOF ${hostAndPort(right.address).join(' ')}`,
                  ),
          },
        },
      ];
    });
  },
};
