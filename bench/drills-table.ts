/**
 * The table: every drill, what it may cost at most, and who takes over. It was written before the runs: "measured" = on such an
 * estate, elsewhere; "settings" = follows from those of the lab; "promised" = no figure but what the drill itself promises. A
 * run that contradicts it is a finding, not a reason to change it. Pure.
 */
import { HOSTS, type Host, hostsOf } from '#lab/layout.ts';
import type { DrillId, DrillPath } from '#lib/model/drill.ts';

/** Roles that can pass to another host. `queue`: leads the tasks' queue; `entrance`: serves the struck host's own proxy. */
export const MOVING_ROLES = ['master', 'leader', 'holder', 'queue', 'entrance'] as const;
export type MovingRole = (typeof MOVING_ROLES)[number];

/** Who can have a role: whoever runs what it needs. */
export const CANDIDATES: Readonly<Record<MovingRole, readonly Host[]>> = {
  master: hostsOf('redis'),
  leader: hostsOf('consul'),
  holder: hostsOf('beat'),
  queue: hostsOf('rabbitmq'),
  entrance: hostsOf('rabbitmq'),
};

/** What one drill promises here. Counts are of canaries, ten a second; every figure is the most that is allowed. */
export type DrillRow = {
  readonly drill: DrillId;
  /** Trellis's id of what it is aimed at; null = the likeliest. */
  readonly target: string | null;
  /** Confirmed, and never ran. */
  readonly lost: number;
  readonly repeated: number;
  readonly resultsLost: number;
  /** Why anything may be lost or run twice; null = nothing may. */
  readonly because: string | null;
  /** The longest outage of each path. */
  readonly outageMs: Readonly<Record<DrillPath, number>>;
  /** Of the schedule instead, where the host that is struck holds the beat's lock; absent = it makes no difference. */
  readonly lockOutageMs?: number;
  /** What the struck host had of these, another candidate has had during the run. */
  readonly moves: readonly MovingRole[];
};

/** Nothing of the path is touched: what two busy cores hold up, and no more. */
const UNTOUCHED_MS = 1_000;
/** The same for ticks, of which there is one a second. */
const UNTOUCHED_TICKS_MS = 2_000;
/** Beat subscribes to a result before it publishes its task, and waits for the store: 3.5 s in a trial before the runs. */
const BEAT_WAITS_MS = 10_000;
const NOTHING = { lost: 0, repeated: 0, resultsLost: 0, because: null } as const;
const UNTOUCHED = {
  publish: UNTOUCHED_MS,
  execute: UNTOUCHED_MS,
  result: UNTOUCHED_MS,
  schedule: UNTOUCHED_TICKS_MS,
} as const;
/** The canaries' only entrance is on host-1, and the second beat on host-2: the one host that can go and leaves both questions. */
const SPARE_HOST = HOSTS[1];

/** In the order of the catalog. */
export const DRILL_TABLE: readonly DrillRow[] = [
  {
    drill: 'redis-switch',
    target: null,
    // Measured: 0 acknowledged writes lost in 13 switches, results out for 0.18-0.30 s through HAProxy. 1 s is promised.
    ...NOTHING,
    outageMs: { ...UNTOUCHED, execute: 1_000, result: 1_000 },
    moves: ['master'],
  },
  {
    drill: 'redis-failover',
    target: null,
    ...NOTHING,
    // Measured: two masters for about 11 s, 447-469 of 1,400 results gone. A bound, not a share: all canaries of 15 s.
    resultsLost: 150,
    because: 'Two masters for about 11 s: results that were written to the old one are gone.',
    // Settings: who reads from the other master than workers write to sees nothing for 11 s and three checks. Execution: promised.
    outageMs: { ...UNTOUCHED, execute: 5_000, result: 15_000, schedule: BEAT_WAITS_MS },
    moves: ['master'],
  },
  {
    drill: 'redis-crash',
    target: null,
    ...NOTHING,
    // Measured: 66 of 1,350 lost for good, a share of 5 %: of the canaries of a run of two minutes.
    resultsLost: 60,
    because: 'Results that no replica had got when the master died are gone.',
    // Measured: results missing for 4.2 s; 10 s is promised. Settings: workers that wait for the store back off meanwhile.
    outageMs: { ...UNTOUCHED, execute: 8_000, result: 10_000, schedule: BEAT_WAITS_MS },
    moves: ['master'],
  },
  {
    drill: 'redis-hang',
    target: null,
    ...NOTHING,
    // Not measured: as the crash.
    resultsLost: 60,
    because: 'What the frozen master had taken, or still takes when it wakes up, is gone when it is demoted.',
    // Promised. Settings: as the crash, after the clients' own time-outs of 5 s and three failed checks of the proxies.
    outageMs: { ...UNTOUCHED, execute: 15_000, result: 15_000, schedule: 15_000 },
    moves: ['master'],
  },
  {
    drill: 'broker-switch',
    target: null,
    ...NOTHING,
    // Measured: 0 of 500 lost and 0-2 repeated; execution out for 1.2-1.5 s when a serving broker is drained and its sessions are cut.
    repeated: 2,
    because: 'What a worker had in hand when its session ended is delivered again.',
    // Promised. Settings: beat finds its connection broken at the next tick and makes a new one.
    outageMs: { publish: 2_000, execute: 3_000, result: 3_000, schedule: 5_000 },
    moves: ['entrance'],
  },
  {
    drill: 'broker-crash',
    target: null,
    ...NOTHING,
    // Measured: 0 lost with confirms and 1 repeated with late acks, of 500. 5 are promised.
    repeated: 5,
    because: 'What workers had in hand and not acknowledged is delivered again.',
    // Measured: publishing out for 3.0 s (three checks of the proxies), execution for 6.2 s (the workers' second try to connect).
    outageMs: { publish: 6_000, execute: 10_000, result: 10_000, schedule: 10_000 },
    moves: ['queue', 'entrance'],
  },
  {
    drill: 'broker-hang',
    target: null,
    ...NOTHING,
    // Settings: three workers with four processes each, and as many reserved; acknowledgements to the frozen node are gone.
    repeated: 30,
    because: 'The peers of a frozen broker wait for it, and drop what it had not passed on.',
    // Measured: execution again after 74 s, by the net tick. Settings: who hangs on its port waits until it is resumed.
    outageMs: { publish: 90_000, execute: 90_000, result: 90_000, schedule: 120_000 },
    moves: ['queue'],
  },
  {
    drill: 'queue-leader-move',
    target: null,
    ...NOTHING,
    // Promised.
    repeated: 5,
    because: 'Consumers are cancelled and what they had in hand is delivered again, as when a node fails.',
    // Promised. Settings: the server moves a leader in steps of 100 ms; consumers come back after their first try.
    outageMs: { publish: 2_000, execute: 3_000, result: 3_000, schedule: 3_000 },
    moves: ['queue'],
  },
  {
    drill: 'queue-sync',
    target: null,
    // Settings: the queue stands still while it is copied; in the lab every copy is in sync, and there is nothing to copy.
    ...NOTHING,
    outageMs: UNTOUCHED,
    moves: [],
  },
  {
    drill: 'connections-drop',
    target: null,
    ...NOTHING,
    // Promised.
    repeated: 5,
    because: 'What a worker had in hand when its connection was closed is delivered again.',
    // Promised. Settings: the entrance stands: a publisher is back at its next try; workers as after a drain, and their second try at worst.
    outageMs: { publish: 2_000, execute: 5_000, result: 5_000, schedule: 5_000 },
    moves: [],
  },
  {
    drill: 'beat-handover',
    target: null,
    ...NOTHING,
    // Measured: session destroyed: 15.0 s, never two beats; up to 5 s more for the retry of whoever waits.
    outageMs: { ...UNTOUCHED, schedule: 20_000 },
    // Settings: the lab starts a beat again that ended, after a second: it waits for the lock as the standby does, and either wins.
    moves: [],
  },
  {
    drill: 'beat-crash',
    target: null,
    ...NOTHING,
    // Measured: 40 s when lock process and child died together: the session lives for 15-30 s, and the lock-delay is 15 s.
    outageMs: { ...UNTOUCHED, schedule: 50_000 },
    // Settings: the lab starts a beat again that ended, after a second: it waits for the lock as the standby does, and either wins.
    moves: [],
  },
  {
    drill: 'consul-leader',
    target: null,
    // Settings: Consul 1.8 cannot transfer: the leader is killed. Sessions outlive the election …
    ...NOTHING,
    outageMs: UNTOUCHED,
    // … but the holder whose own agent it is loses the lock. Measured: 12-27 s; settings: a session and a lock-delay at worst.
    lockOutageMs: 50_000,
    moves: ['leader'],
  },
  {
    drill: 'worker-crash',
    target: null,
    ...NOTHING,
    // Settings: four processes, and four tasks reserved.
    repeated: 8,
    because: 'What the dead worker had reserved is delivered again.',
    // Promised. Settings: two other workers go on; the reset connection gives its tasks back at once.
    outageMs: { ...UNTOUCHED, execute: 3_000, result: 3_000 },
    moves: [],
  },
  {
    drill: 'proxy-crash',
    // The canaries' own entrance: the worst of the three.
    target: 'haproxy-1',
    ...NOTHING,
    // Settings: as a worker's crash.
    repeated: 8,
    // Settings: a check of a replica fails after `timeout check 1s`; seen in Celery's log: ReadOnlyError, which is not tried again.
    resultsLost: 10,
    because:
      'What the workers behind the proxy had in hand is delivered again. A HAProxy that starts takes every server for up: results that go to a replica until its first check has failed are refused.',
    // Promised. Settings: nobody else leads in: gone is noticed within 15 s, 5 s of watching, a start, and the workers' tries of 2, 4 and 6 s.
    outageMs: { publish: 30_000, execute: 30_000, result: 30_000, schedule: 30_000 },
    moves: [],
  },
  {
    drill: 'host-crash',
    target: SPARE_HOST,
    ...NOTHING,
    // Not measured: a broker's crash and a worker's, and a Redis master's.
    repeated: 10,
    resultsLost: 60,
    because: 'Results that no replica had got are gone where the master of Redis goes with the host.',
    // Promised; the schedule as in a broker's crash.
    outageMs: { publish: 15_000, execute: 30_000, result: 30_000, schedule: 10_000 },
    // As the beat's crash.
    lockOutageMs: 50_000,
    moves: ['master', 'leader', 'holder', 'queue'],
  },
];

/** Who had which role, by `master`, …, or `entrance host-1` (whom that host's proxy sends to). */
export type RolesByName = Readonly<Record<string, Host | null>>;

/** A role as `RolesByName` has it. */
export function roleName(role: MovingRole, struck: Host): string {
  return role === 'entrance' ? `entrance ${struck}` : role;
}

/** The host that a drill strikes, from its target's id (`rabbit-2@host-2`, `consul-2`, …) or by its role; null = none. */
export function struckHost({ moves }: DrillRow, target: string | null, before: RolesByName): Host | null {
  const number = /(?:host|haproxy|consul)-([1-3])$/.exec(target ?? '')?.[1];
  if (number !== undefined) return HOSTS[Number(number) - 1] ?? null;
  const [role] = moves;
  return role === undefined ? null : (before[role] ?? null);
}

/** The most that a path may be out. */
export function limitOf(row: DrillRow, path: DrillPath, struck: Host | null, before: RolesByName): number {
  const losesLock = path === 'schedule' && struck !== null && before.holder === struck;
  return losesLock ? (row.lockOutageMs ?? row.outageMs.schedule) : row.outageMs[path];
}
