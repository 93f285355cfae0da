/** redis-failover: the plain SENTINEL FAILOVER, to see what it costs. */
import { DRILL_RISK, type DrillInfo } from '#lib/model/drill.ts';
import { promise } from './kit.ts';
import { failoverCall, heirNames, oldFollows, promoted, proxiesFollow, redisDrill } from './redis-parts.ts';

const info: DrillInfo = {
  ...{
    id: 'redis-failover',
    title: 'Force a Redis failover',
    risk: DRILL_RISK['redis-failover'],
    targetKind: 'redisServices',
  },
  proves: 'What a failover ordered at a Sentinel really costs, with nothing done to soften it.',
  needsExecutor: false,
  hypothesis: promise('a replica', {
    ...{ lost: 0, repeated: 0 },
    because: 'For about 11 s there are two masters; hundreds of results written to the old one meanwhile are lost.',
    outageMs: { publish: 0, execute: 5_000 },
  }),
};

/** The drill. */
export const redisFailover = redisDrill(info, (redis) => ({
  steps: [
    {
      ...{ id: 'failover', title: 'Order the failover', limitMs: 5_000, isFault: true, isPointOfNoReturn: true },
      calls: () => [[failoverCall(redis)]],
      undo: () => [],
    },
    promoted(redis, 30_000),
    oldFollows(redis, 60_000),
    proxiesFollow(redis, 30_000),
  ],
  timeline: [
    { afterMs: 1_000, text: `${heirNames(redis)} is master; ${redis.master.name} still calls itself master, too.` },
    { afterMs: 3_000, text: 'Proxies that check for role:master send to both.' },
    { afterMs: 11_000, text: `A Sentinel demotes ${redis.master.name}; what was written to it meanwhile is gone.` },
  ],
  warnings: [
    'Two masters for about 11 s. Measured: 447 to 469 of about 1,400 results written in that time are lost.',
    'redis-switch does the same without loss. Take this one only to see the difference.',
  ],
}));
