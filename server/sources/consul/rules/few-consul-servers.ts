/** FewConsulServers: too few voters, or an even number of them. */
import { formatCount } from '#lib/format/quantity.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { plannedServers, votersBy } from './shared.ts';

const ENOUGH = 3;

export const fewConsulServers: Rule = {
  code: 'FewConsulServers',
  severity: 'info',
  posture: true,
  means:
    'Consul needs the majority of its voting servers. With one or two none may fail; a fourth needs one more for the majority and lets no more fail than three.',
  mend: 'Run three or five servers, each on a host of its own.',
  find(model, now) {
    return Object.values(model.coordinators).flatMap((coordinator): Found[] => {
      const by = votersBy(model, now);
      const { voters } = coordinator;
      if (by === null || voters === null || voters === 0) return [];
      const planned = plannedServers(voters, model, now);
      if (planned >= ENOUGH && planned % 2 === 1) return [];
      const majority = Math.floor(voters / 2) + 1;
      return [
        {
          subject: { kind: 'coordinators', id: coordinator.id },
          text: `Consul has ${formatCount(voters, 'voting server')}: it needs ${majority}, so ${voters - majority === 0 ? 'none' : voters - majority} may fail.`,
          evidence: [{ by, says: formatCount(voters, 'voter') }],
          advice: {
            text: `Run ${voters < ENOUGH ? ENOUGH : voters + 1} servers, each on a host of its own.`,
            command: 'consul operator raft list-peers',
          },
        },
      ];
    });
  },
};
