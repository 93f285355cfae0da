/** RedisNeverPromoted: replicas that no Sentinel may promote. */
import { andList } from '#lib/format/list.ts';
import { ownRole } from '#lib/model/masters.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { answering, each, redisCliEach } from './shared.ts';

export const redisNeverPromoted: Rule = {
  code: 'RedisNeverPromoted',
  severity: 'info',
  posture: true,
  means:
    'A replica with `replica-priority 0` is never promoted. Where all replicas have it, nobody takes over when the master fails: results cannot be written until somebody acts.',
  mend: 'Set `replica-priority` to 100 on every replica that may become master.',
  find(model, now) {
    return Object.values(model.redisServices).flatMap((service): Found[] => {
      const replicas = answering(service, model, now).filter((node) => ownRole(node, model, now) === 'replica');
      const never = replicas.filter(({ priority }) => priority === 0);
      if (never.length === 0) return [];
      const isAll = never.length === replicas.length;
      const names = andList(never.map(({ name }) => name));
      return [
        {
          subject: { kind: 'redisServices', id: service.id },
          severity: isAll ? 'warning' : 'info',
          text: isAll
            ? `No replica of ${service.id} may be promoted (${names}): if the master fails, nobody takes over.`
            : `${names} may not be promoted to master of ${service.id}.`,
          evidence: each(never, () => 'replica-priority 0'),
          advice: {
            text: 'Let it be promoted, unless it is meant so, and keep it with CONFIG REWRITE.',
            command: redisCliEach(
              never.map(({ address }) => address),
              'CONFIG SET replica-priority 100',
            ),
          },
        },
      ];
    });
  },
};
