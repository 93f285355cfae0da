/** redis-crash: the master's process is killed. */
import type { DrillInfo } from '#lib/model/drill.ts';
import type { Drill, Scene } from '#server/drills/drill.ts';
import { commandsFor } from '#server/drills/guards.ts';
import { command, promise, promiseOf } from './kit.ts';
import {
  heirNames,
  oldFollows,
  promoted,
  proxiesFollow,
  redisGuards,
  redisHolds,
  redisScene,
  redisTargets,
} from './redis-parts.ts';

const info: DrillInfo = {
  ...{ id: 'redis-crash', title: 'Kill the Redis master', risk: 'forced', targetKind: 'redisServices' },
  proves: 'The Sentinels replace a master that died, and tasks go on meanwhile.',
  needsExecutor: true,
  hypothesis: promise('a replica', {
    ...{ lost: 0, repeated: 0 },
    because: 'Results that no replica had got when the master died are lost; the tasks themselves are not.',
    outageMs: { publish: 0, execute: 6_000, result: 10_000 },
  }),
};

/** The drill. */
export const redisCrash: Drill = {
  info,
  targets: redisTargets,
  aim(target: string, scene: Scene) {
    const redis = redisScene(target, scene);
    if (redis === null) return null;
    const { master, service, evidence, disturbs } = redis;
    const process = { kind: 'redisNodes', id: master.id, host: master.host };
    const detectMs = service.downAfterMs ?? 30_000;
    const start = command('start', process, scene.means);
    return {
      hypothesis: promiseOf(info, heirNames(redis)),
      steps: [
        {
          ...{ id: 'kill', title: `Kill ${master.name}`, limitMs: 10_000, isFault: true, isPointOfNoReturn: true },
          calls: () => [[command('kill', process, scene.means)]],
          undo: () => [start],
        },
        promoted(redis, detectMs + 30_000),
        proxiesFollow(redis, 30_000),
        {
          ...{ id: 'start', title: `Start ${master.name} again`, limitMs: 15_000 },
          calls: () => [[start]],
          undo: () => [],
        },
        oldFollows(redis, 60_000),
      ],
      timeline: [
        { afterMs: detectMs, text: 'The Sentinels call the master down.' },
        { afterMs: detectMs + 2_000, text: `${heirNames(redis)} is master.` },
        { afterMs: detectMs + 3_000, text: 'The proxies have found the new master.' },
      ],
      warnings: ['Measured: results missing for about 4 s; 66 of 1,350 lost for good.'],
      guards: [...redisGuards(redis), commandsFor(['kill', 'start'], process)],
      holds: redisHolds(redis),
      ...{ evidence, disturbs, failing: { kind: 'redisNodes', id: master.id } },
    };
  },
};
