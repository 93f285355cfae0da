/** OrphanedEventQueues: events pile up for receivers that are gone. */
import { formatCount } from '#lib/format/quantity.ts';
import type { Rule } from '#server/model/rule.ts';
import { CLUSTER } from './broker-nodes.ts';
import { agree, evidenceOf, figuresTold, queuesText, surveyQueues } from './queue-survey.ts';
import { shellWord } from './words.ts';

export const orphanedEventQueues: Rule = {
  code: 'OrphanedEventQueues',
  severity: 'warning',
  posture: false,
  holdMs: 5_000,
  means:
    'Queues of event receivers (`celeryev.…`: Flower, `celery events`) that nobody reads any more, while events still go into them. They grow until RabbitMQ raises its memory alarm, which stops all publishers.',
  mend: 'Delete them, and let receivers declare queues that go with them (`event_queue_expires`, `event_queue_ttl`).',
  find(model, now) {
    const orphaned = surveyQueues(model, now)?.orphaned;
    if (orphaned === undefined || orphaned.count === 0 || !figuresTold(orphaned, model, now)) return [];
    return [
      {
        subject: CLUSTER,
        text: `${queuesText(orphaned)} ${agree(orphaned, 'keeps', 'keep')} ${formatCount(orphaned.messages ?? 0, 'event')} that nobody reads.`,
        evidence: evidenceOf(
          orphaned,
          ({ ready, unacknowledged }) => `${(ready ?? 0) + (unacknowledged ?? 0)} messages, 0 consumers`,
          'figuresBy',
        ),
        advice: {
          text: 'Delete what no receiver comes back to.',
          command: orphaned.some
            .map(({ vhost, name }) => `rabbitmqctl delete_queue -p ${shellWord(vhost)} ${shellWord(name)}`)
            .join(' && '),
        },
      },
    ];
  },
};
