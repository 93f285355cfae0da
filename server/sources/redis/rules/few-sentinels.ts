/** FewSentinels: too few Sentinels, or an even number of them. */
import type { Found, Rule } from '#server/model/rule.ts';
import { viewsOf } from './shared.ts';

const ENOUGH = 3;

export const fewSentinels: Rule = {
  code: 'FewSentinels',
  severity: 'info',
  posture: true,
  means:
    'A failover needs the majority of all Sentinels. Of two both are needed, so none may fail; of four three are needed, so only one may fail, as of three.',
  mend: 'Run three or five Sentinels, each on a host of its own.',
  find(model, now) {
    return Object.values(model.redisServices).flatMap((service): Found[] => {
      const counts = viewsOf(service, model, now).flatMap(({ sentinel, view }) =>
        view.otherSentinels === null ? [] : [{ sentinel, count: view.otherSentinels + 1 }],
      );
      const count = Math.max(...counts.map((one) => one.count));
      if (counts.length === 0 || (count >= ENOUGH && count % 2 === 1)) return [];
      const majority = Math.floor(count / 2) + 1;
      const wanted = count < ENOUGH ? ENOUGH : count + 1;
      return [
        {
          subject: { kind: 'redisServices', id: service.id },
          text: `${service.id} has ${count} ${count === 1 ? 'Sentinel' : 'Sentinels'}: a failover needs ${majority}, so ${count - majority} may fail.`,
          evidence: counts.map((one) => ({
            by: one.sentinel.own,
            says: `${one.sentinel.name}: ${one.count} Sentinels`,
          })),
          advice: {
            text: `Run ${wanted} Sentinels, each on a host of its own. SENTINEL RESET lets the others forget one that is gone for good.`,
            command: null,
          },
        },
      ];
    });
  },
};
