/** How Trellis's own connections to Redis are made: whoever holds one decides itself what a failure means, and when to try again. */
import type { RedisOptions } from 'ioredis';

/** Nothing is queued, repeated or asked unasked. */
export const ONE_TRY = {
  lazyConnect: true,
  enableOfflineQueue: false,
  enableReadyCheck: false,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
  protocol: 2,
  disableClientInfo: true,
} as const satisfies RedisOptions;
