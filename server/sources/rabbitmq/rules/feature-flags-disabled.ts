/** FeatureFlagsDisabled: the next upgrade will refuse. */
import { someOf } from '#lib/format/list.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import { readingKey } from '#lib/model/reading.ts';
import type { Rule } from '#server/model/rule.ts';
import { CLUSTER, mayMirror } from './broker-nodes.ts';

const FLAGS = readingKey('rabbitmq', 'cluster', 'feature-flags');

/** Experimental in RabbitMQ 3: no upgrade asks for it there. */
const EXPERIMENTAL = 'khepri_db';

export const featureFlagsDisabled: Rule = {
  code: 'FeatureFlagsDisabled',
  severity: 'info',
  posture: true,
  means:
    'Feature flags that are not enabled. A later version of RabbitMQ takes them for granted: its nodes refuse to start until they are enabled, in the midst of the upgrade.',
  mend: 'Enable them once all nodes run the same version: `rabbitmqctl enable_feature_flag all`. It cannot be undone.',
  find(model, now) {
    const flags = (model.brokerClusters.rabbitmq?.disabledFlags ?? []).filter(
      (flag) => flag !== EXPERIMENTAL || !mayMirror(model),
    );
    if (flags.length === 0 || !isCurrent(model.readings[FLAGS], now)) return [];
    return [
      {
        subject: CLUSTER,
        text: `Feature flags are not enabled (${someOf(flags)}): a later RabbitMQ will refuse to start.`,
        evidence: [{ by: FLAGS, says: `disabled: ${flags.join(', ')}` }],
        advice: {
          text: 'Enable them when all nodes run the same version; it cannot be undone.',
          command: 'rabbitmqctl enable_feature_flag all',
        },
      },
    ];
  },
};
