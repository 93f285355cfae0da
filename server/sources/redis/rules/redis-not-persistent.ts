/** RedisNotPersistent: what a node has is gone when it restarts. */
import { andList } from '#lib/format/list.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { answering, each, redisCliEach } from './shared.ts';

export const redisNotPersistent: Rule = {
  code: 'RedisNotPersistent',
  severity: 'info',
  posture: true,
  means:
    'Without an append-only file a node comes back with its last snapshot, or empty. A master that restarts faster than the Sentinels notice is then followed by replicas that throw away what they had: all results are gone.',
  mend: 'Set `appendonly yes` on every node, with `appendfsync everysec`.',
  find(model, now) {
    return Object.values(model.redisServices).flatMap((service): Found[] => {
      const nodes = answering(service, model, now).filter(({ appendOnly }) => appendOnly === false);
      if (nodes.length === 0) return [];
      return [
        {
          subject: { kind: 'redisServices', id: service.id },
          text: `${andList(nodes.map(({ name }) => name))} ${nodes.length === 1 ? 'keeps' : 'keep'} no append-only file: a quick restart of the master empties ${service.id} back to its last snapshot.`,
          evidence: each(nodes, () => 'aof_enabled:0'),
          advice: {
            text: 'Switch it on, and keep it with CONFIG REWRITE.',
            command: redisCliEach(
              nodes.map(({ address }) => address),
              'CONFIG SET appendonly yes',
            ),
          },
        },
      ];
    });
  },
};
