/** redis-hang: the master's process is frozen: its port stays open and nobody answers. */
import { DRILL_RISK, type DrillInfo } from '#lib/model/drill.ts';
import { frozen, promise } from './kit.ts';
import { masterProcess, masterStops, redisDrill } from './redis-parts.ts';

const info: DrillInfo = {
  ...{
    id: 'redis-hang',
    title: 'Freeze the Redis master',
    risk: DRILL_RISK['redis-hang'],
    targetKind: 'redisServices',
  },
  proves: 'The Sentinels replace a master that hangs, and it does no harm when it wakes up.',
  needsExecutor: true,
  hypothesis: promise('a replica', {
    ...{ lost: 0, repeated: 0 },
    because: 'What the frozen master had taken and no replica had got is lost when it is demoted.',
    outageMs: { publish: 0, execute: 15_000, result: 15_000 },
  }),
};

/** The drill. */
export const redisHang = redisDrill(info, (redis, scene) => ({
  ...masterStops(
    redis,
    frozen(masterProcess(redis, scene)),
    'The proxies have found the new master; clients wait until their own time-outs.',
  ),
  warnings: [
    'Clients that wait for an answer of the frozen master notice only by their own time-outs.',
    'When it wakes up it is master for a moment: what clients still write to it is lost.',
  ],
}));
