/** PolicyPromotesOnShutdown: an orderly stop may lose messages. */
import type { Rule } from '#server/model/rule.ts';
import { weakPolicies } from './mirror-policies.ts';

const KEY = 'ha-promote-on-shutdown';

export const policyPromotesOnShutdown: Rule = {
  code: 'PolicyPromotesOnShutdown',
  severity: 'info',
  posture: true,
  means:
    "`ha-promote-on-shutdown` is `always`: when a leader's node is stopped in order, as for an upgrade, a mirror that is not in sync takes over, and the messages that it lacks are lost.",
  mend: 'Leave `ha-promote-on-shutdown` at `when-synced`, its default.',
  find(model, now) {
    return weakPolicies(
      {
        weak: (definition) => definition[KEY] === 'always',
        text: 'promotes mirrors that are not in sync even when a node is stopped in order: the messages that they lack are lost',
        says: () => `${KEY} always`,
        advice: 'Promote mirrors that are in sync only.',
        change: { [KEY]: 'when-synced' },
      },
      model,
      now,
    );
  },
};
