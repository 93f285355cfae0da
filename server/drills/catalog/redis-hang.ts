/** redis-hang: the master's process is frozen: its port stays open and nobody answers. */
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
  ...{ id: 'redis-hang', title: 'Freeze the Redis master', risk: 'forced', targetKind: 'redisServices' },
  proves: 'The Sentinels replace a master that hangs, and it does no harm when it wakes up.',
  needsExecutor: true,
  hypothesis: promise('a replica', {
    ...{ lost: 0, repeated: 0 },
    because: 'What the frozen master had taken and no replica had got is lost when it is demoted.',
    outageMs: { publish: 0, execute: 15_000, result: 15_000 },
  }),
};

/** The drill. */
export const redisHang: Drill = {
  info,
  targets: redisTargets,
  aim(target: string, scene: Scene) {
    const redis = redisScene(target, scene);
    if (redis === null) return null;
    const { master, service, evidence, disturbs } = redis;
    const process = { kind: 'redisNodes', id: master.id, host: master.host };
    const detectMs = service.downAfterMs ?? 30_000;
    const resume = command('resume', process, scene.means);
    return {
      hypothesis: promiseOf(info, heirNames(redis)),
      steps: [
        {
          ...{ id: 'freeze', title: `Freeze ${master.name}`, limitMs: 10_000, isFault: true },
          calls: () => [[command('pause', process, scene.means)]],
          undo: () => [resume],
        },
        { ...promoted(redis, detectMs + 30_000), isPointOfNoReturn: true },
        proxiesFollow(redis, 30_000),
        {
          ...{ id: 'resume', title: `Let ${master.name} go on`, limitMs: 15_000 },
          calls: () => [[resume]],
          undo: () => [],
        },
        oldFollows(redis, 60_000),
      ],
      timeline: [
        { afterMs: detectMs, text: 'The Sentinels call the master down.' },
        { afterMs: detectMs + 2_000, text: `${heirNames(redis)} is master.` },
        {
          afterMs: detectMs + 3_000,
          text: 'The proxies have found the new master; clients wait until their own time-outs.',
        },
      ],
      warnings: [
        'Clients that wait for an answer of the frozen master notice only by their own time-outs.',
        'When it wakes up it is master for a moment: what clients still write to it is lost.',
      ],
      guards: [...redisGuards(redis), commandsFor(['pause', 'resume'], process)],
      holds: redisHolds(redis),
      ...{ evidence, disturbs, failing: { kind: 'redisNodes', id: master.id } },
    };
  },
};
