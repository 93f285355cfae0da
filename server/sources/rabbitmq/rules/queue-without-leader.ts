/** QueueWithoutLeader: queues that nobody serves. */
import type { Rule } from '#server/model/rule.ts';
import { ailingNodes, CLUSTER, nodeNames, nodeSubjects } from './broker-nodes.ts';
import { agree, evidenceOf, messagesText, queuesText, surveyQueues } from './queue-survey.ts';

export const queueWithoutLeader: Rule = {
  code: 'QueueWithoutLeader',
  severity: 'critical',
  posture: false,
  holdMs: 3_000,
  means:
    'These queues have no leader that runs, or have lost their majority: nobody can publish to them or consume from them. Mirrors and quorum queues elect a new leader within seconds; a queue with one copy waits for its node.',
  mend: 'Bring back the nodes that hold their copies. A queue whose copies are gone for good must be deleted and declared again; its messages are lost.',
  find(model, now) {
    const leaderless = surveyQueues(model, now)?.leaderless;
    if (leaderless === undefined || leaderless.count === 0) return [];
    const missing = [...new Set([...leaderless.behind, ...ailingNodes(model, now)])];
    const messages = messagesText(leaderless, model, now);
    return [
      {
        subject: CLUSTER,
        text: `${queuesText(leaderless)}${messages} ${agree(leaderless, 'has', 'have')} no leader that runs: publishing and consuming stand still there.`,
        evidence: evidenceOf(leaderless, ({ state, replication: { leader } }) =>
          leader === null ? 'no leader' : `led by ${leader}${state === null ? '' : `, ${state}`}`,
        ),
        advice: {
          text:
            missing.length === 0
              ? "Look into the broker nodes' logs why no leader is elected."
              : `Bring back ${nodeNames(missing, model)}.`,
          command: null,
        },
        because: nodeSubjects(missing, model),
      },
    ];
  },
};
