/** SentinelQuorum: one Sentinel alone may call the master down, or more than the majority must. */
import type { Found, Rule } from '#server/model/rule.ts';
import { sentinelSet, settingBy, viewsOf } from './shared.ts';

export const sentinelQuorum: Rule = {
  code: 'SentinelQuorum',
  severity: 'info',
  posture: true,
  means:
    'The quorum is how many Sentinels must call a master down before they fail over. With 1 a single Sentinel with a bad network starts a failover that nobody needs, and each one may lose writes. More than the majority means that a failover does not happen where the majority would have sufficed.',
  mend: 'Set the quorum to the majority: 2 of 3, 3 of 5.',
  find(model, now) {
    return Object.values(model.redisServices).flatMap((service): Found[] => {
      const by = settingBy(service, model, now);
      const others = viewsOf(service, model, now).flatMap(({ view }) => view.otherSentinels ?? []);
      const { quorum } = service;
      if (by === null || quorum === null || others.length === 0) return [];
      const count = Math.max(...others) + 1;
      const majority = Math.floor(count / 2) + 1;
      const isLow = quorum === 1 && count > 1;
      if (!isLow && quorum <= majority) return [];
      return [
        {
          subject: { kind: 'redisServices', id: service.id },
          text: isLow
            ? `The quorum of ${service.id} is 1: a single Sentinel with a bad network starts a failover.`
            : `The quorum of ${service.id} is ${quorum} of ${count}: no failover once ${count - quorum + 1} of the Sentinels ${quorum === count ? 'is' : 'are'} gone.`,
          evidence: [{ by, says: `quorum ${quorum} of ${count} Sentinels` }],
          advice: {
            text: `Set it to the majority, ${majority}, on every Sentinel.`,
            command: sentinelSet(service, `quorum ${majority}`, model, now),
          },
        },
      ];
    });
  },
};
