/** The findings about RabbitMQ and the workers. */
import type { Rule } from '#server/model/rule.ts';
import { brokerAlarm } from './broker-alarm.ts';
import { brokerDraining } from './broker-draining.ts';
import { brokerNodeDown } from './broker-node-down.ts';
import { brokerNodeHung } from './broker-node-hung.ts';
import { brokerNodeUnreachable } from './broker-node-unreachable.ts';
import { brokerNodesDisagree } from './broker-nodes-disagree.ts';
import { brokerPartition } from './broker-partition.ts';
import { brokerVersionsDiffer } from './broker-versions-differ.ts';
import { evenBrokerNodes } from './even-broker-nodes.ts';
import { featureFlagsDisabled } from './feature-flags-disabled.ts';
import { mirrorsEndWithRabbitMq4 } from './mirrors-end-with-rabbitmq-4.ts';
import { noWorkers } from './no-workers.ts';
import { orphanedEventQueues } from './orphaned-event-queues.ts';
import { partitionHandlingIgnored } from './partition-handling-ignored.ts';
import { partitionHandlingOnTwoNodes } from './partition-handling-on-two-nodes.ts';
import { policyPromotesOnShutdown } from './policy-promotes-on-shutdown.ts';
import { policyPromotesUnsynced } from './policy-promotes-unsynced.ts';
import { policySyncsByHand } from './policy-syncs-by-hand.ts';
import { queueMissingCopies } from './queue-missing-copies.ts';
import { queueNotReplicated } from './queue-not-replicated.ts';
import { queueSilent } from './queue-silent.ts';
import { queueWithoutConsumers } from './queue-without-consumers.ts';
import { queueWithoutInSyncMirror } from './queue-without-in-sync-mirror.ts';
import { queueWithoutLeader } from './queue-without-leader.ts';
import { quorumMarginZero } from './quorum-margin-zero.ts';
import { workerGone } from './worker-gone.ts';
import { workerIdle } from './worker-idle.ts';

export const RABBITMQ_RULES: readonly Rule[] = [
  ...[brokerNodeDown, brokerNodeHung, brokerNodeUnreachable, brokerNodesDisagree, brokerPartition, brokerAlarm],
  ...[brokerDraining, brokerVersionsDiffer],
  ...[queueWithoutLeader, queueWithoutInSyncMirror, quorumMarginZero, queueMissingCopies],
  ...[queueSilent, queueWithoutConsumers, orphanedEventQueues],
  ...[workerGone, workerIdle, noWorkers],
  ...[policyPromotesUnsynced, policyPromotesOnShutdown, policySyncsByHand, queueNotReplicated],
  ...[mirrorsEndWithRabbitMq4, partitionHandlingIgnored, partitionHandlingOnTwoNodes, evenBrokerNodes],
  featureFlagsDisabled,
];
