/** The catalog: every drill, in the order of `DRILL_IDS`. A new drill is one file beside this one and one line here. */
import type { DrillId } from '#lib/model/drill.ts';
import type { Drill } from '#server/drills/drill.ts';
import { beatCrash } from './beat-crash.ts';
import { beatHandover } from './beat-handover.ts';
import { brokerCrash } from './broker-crash.ts';
import { brokerHang } from './broker-hang.ts';
import { brokerSwitch } from './broker-switch.ts';
import { connectionsDrop } from './connections-drop.ts';
import { consulLeader } from './consul-leader.ts';
import { hostCrash } from './host-crash.ts';
import { proxyCrash } from './proxy-crash.ts';
import { queueLeaderMove } from './queue-leader-move.ts';
import { queueSync } from './queue-sync.ts';
import { redisCrash } from './redis-crash.ts';
import { redisFailover } from './redis-failover.ts';
import { redisHang } from './redis-hang.ts';
import { redisSwitch } from './redis-switch.ts';
import { workerCrash } from './worker-crash.ts';

export const DRILLS: Readonly<Record<DrillId, Drill>> = {
  'redis-switch': redisSwitch,
  'redis-failover': redisFailover,
  'redis-crash': redisCrash,
  'redis-hang': redisHang,
  'broker-switch': brokerSwitch,
  'broker-crash': brokerCrash,
  'broker-hang': brokerHang,
  'queue-leader-move': queueLeaderMove,
  'queue-sync': queueSync,
  'connections-drop': connectionsDrop,
  'beat-handover': beatHandover,
  'beat-crash': beatCrash,
  'consul-leader': consulLeader,
  'worker-crash': workerCrash,
  'proxy-crash': proxyCrash,
  'host-crash': hostCrash,
};
