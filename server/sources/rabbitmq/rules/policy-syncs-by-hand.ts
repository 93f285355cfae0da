/** PolicySyncsByHand: a mirror that comes back stays empty until somebody acts. */
import type { Rule } from '#server/model/rule.ts';
import { weakPolicies } from './mirror-policies.ts';

const KEY = 'ha-sync-mode';

export const policySyncsByHand: Rule = {
  code: 'PolicySyncsByHand',
  severity: 'info',
  posture: true,
  means:
    '`ha-sync-mode` is not `automatic`: a mirror that joins or comes back gets new messages only, and is in sync once the older ones are consumed, or when somebody synchronises it. Until then the queue has one copy less than it seems.',
  mend: 'Set `ha-sync-mode: automatic`. A queue stands still while it synchronises, so keep queues short.',
  find(model, now) {
    return weakPolicies(
      {
        weak: (definition) => definition[KEY] !== 'automatic',
        text: 'leaves mirrors that come back out of sync until somebody synchronises them',
        says: (definition) => `${KEY} ${definition[KEY] ?? 'not set, so manual'}`,
        advice: 'Let RabbitMQ synchronise them by itself.',
        change: { [KEY]: 'automatic' },
      },
      model,
      now,
    );
  },
};
