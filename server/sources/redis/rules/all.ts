/** The findings about Redis and its Sentinels. */
import type { Rule } from '#server/model/rule.ts';
import { fewSentinels } from './few-sentinels.ts';
import { noRedisMaster } from './no-redis-master.ts';
import { noRedisReplica } from './no-redis-replica.ts';
import { redisLinkDown } from './redis-link-down.ts';
import { redisLosesAcknowledgedWrites } from './redis-loses-acknowledged-writes.ts';
import { redisNeverPromoted } from './redis-never-promoted.ts';
import { redisNodeDown } from './redis-node-down.ts';
import { redisNodeUnreachable } from './redis-node-unreachable.ts';
import { redisNotPersistent } from './redis-not-persistent.ts';
import { redisRoleDisputed } from './redis-role-disputed.ts';
import { redisVersionsDiffer } from './redis-versions-differ.ts';
import { sentinelDown } from './sentinel-down.ts';
import { sentinelDownAfterLong } from './sentinel-down-after-long.ts';
import { sentinelDownAfterShort } from './sentinel-down-after-short.ts';
import { sentinelNoQuorum } from './sentinel-no-quorum.ts';
import { sentinelQuorum } from './sentinel-quorum.ts';
import { sentinelTilt } from './sentinel-tilt.ts';
import { sentinelsDisagree } from './sentinels-disagree.ts';
import { splitBrainRedis } from './split-brain-redis.ts';

export const REDIS_RULES: readonly Rule[] = [
  splitBrainRedis,
  noRedisMaster,
  redisNodeDown,
  redisNodeUnreachable,
  redisRoleDisputed,
  redisLinkDown,
  noRedisReplica,
  sentinelDown,
  sentinelsDisagree,
  sentinelNoQuorum,
  sentinelTilt,
  redisVersionsDiffer,
  fewSentinels,
  sentinelQuorum,
  sentinelDownAfterLong,
  sentinelDownAfterShort,
  redisLosesAcknowledgedWrites,
  redisNotPersistent,
  redisNeverPromoted,
];
