/** redis-crash: the master's process is killed. */
import { DRILL_RISK, type DrillInfo } from '#lib/model/drill.ts';
import { killed, promise } from './kit.ts';
import { masterProcess, masterStops, redisDrill } from './redis-parts.ts';

const info: DrillInfo = {
  ...{
    id: 'redis-crash',
    title: 'Kill the Redis master',
    risk: DRILL_RISK['redis-crash'],
    targetKind: 'redisServices',
  },
  proves: 'The Sentinels replace a master that died, and tasks go on meanwhile.',
  needsExecutor: true,
  hypothesis: promise('a replica', {
    ...{ lost: 0, repeated: 0 },
    because: 'Results that no replica had got when the master died are lost; the tasks themselves are not.',
    outageMs: { publish: 0, execute: 6_000, result: 10_000 },
  }),
};

/** The drill. */
export const redisCrash = redisDrill(info, (redis, scene) => ({
  ...masterStops(
    redis,
    killed(masterProcess(redis, scene), { killMs: 10_000, startMs: 15_000 }),
    'The proxies have found the new master.',
  ),
  warnings: ['Measured: results missing for about 4 s; 66 of 1,350 lost for good.'],
}));
