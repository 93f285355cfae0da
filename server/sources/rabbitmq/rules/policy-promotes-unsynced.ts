/** PolicyPromotesUnsynced: after a crash a mirror may take over that lacks messages. */
import type { Rule } from '#server/model/rule.ts';
import { weakPolicies } from './mirror-policies.ts';

const KEY = 'ha-promote-on-failure';
/** RabbitMQ's own choice where the policy has none. */
const DEFAULT = 'always';

export const policyPromotesUnsynced: Rule = {
  code: 'PolicyPromotesUnsynced',
  severity: 'info',
  posture: true,
  means:
    '`ha-promote-on-failure` is `always`, which is the default: when the leader of a mirrored queue crashes and no mirror is in sync, one that is not takes over, and the messages that it lacks are lost.',
  mend: "Set `ha-promote-on-failure: when-synced`. The price: a queue without a mirror in sync stands still until its leader's node is back.",
  find(model, now) {
    return weakPolicies(
      {
        weak: (definition) => (definition[KEY] ?? DEFAULT) !== 'when-synced',
        text: 'promotes mirrors that are not in sync when a leader crashes: the messages that they lack are lost',
        says: (definition) => `${KEY} ${definition[KEY] ?? `not set, so ${DEFAULT}`}`,
        advice: 'Promote mirrors that are in sync only; without one the queue then waits for its leader.',
        change: { [KEY]: 'when-synced' },
      },
      model,
      now,
    );
  },
};
