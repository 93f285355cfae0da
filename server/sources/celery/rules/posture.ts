/** The findings about how workers are set up. */
import type { Rule } from '#server/model/rule.ts';
import { celeryRabbitVersionTrap } from './celery-rabbit-version-trap.ts';
import { earlyAcks } from './early-acks.ts';
import { lateAcksWithoutRejectOnLost } from './late-acks-without-reject-on-lost.ts';
import { noBrokerHeartbeat } from './no-broker-heartbeat.ts';
import { prefetchHigh } from './prefetch-high.ts';
import { visibilityTimeoutShort } from './visibility-timeout-short.ts';
import { workerEventsOff } from './worker-events-off.ts';

export const POSTURE_RULES: readonly Rule[] = [
  ...[earlyAcks, lateAcksWithoutRejectOnLost, prefetchHigh, noBrokerHeartbeat],
  ...[celeryRabbitVersionTrap, visibilityTimeoutShort, workerEventsOff],
];
