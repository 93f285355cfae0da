/** The timeline's filters in words, and the lines of a page in order. Pure. */
import type { BlindCode, BlindStretch } from '#lib/contract/timeline.ts';
import type { Transition, TransitionCode } from '#lib/model/transition.ts';

/** What each kind of change is called in the filter. */
export const CODE_NAMES: Readonly<Record<TransitionCode, string>> = {
  BrokerNodeRunning: 'broker node up or down',
  QueueLeader: 'queue leader',
  QueueInSync: 'queue copies',
  RedisMaster: 'Redis master',
  RedisNodeUp: 'Redis node up or down',
  RedisNodeRole: 'Redis role',
  ProxyServing: 'proxy serves',
  ConsulLeader: 'Consul leader',
  ConsulServerAlive: 'Consul server up or down',
  LockHolder: 'lock holder',
  LockStandbys: 'lock standbys',
  WorkerPresence: 'worker',
  EndpointAnswers: 'endpoint answers',
  CeleryWorkerState: 'worker heartbeats',
  CeleryWorkerGap: 'missing events',
  IngestState: 'intake of events',
};

const BLIND_WORDS: Readonly<Partial<Record<BlindCode, string>>> = {
  stale: 'answers stopped coming',
  stopped: 'Trellis was stopped',
  lost: 'Trellis was killed or crashed',
  stalled: 'Trellis did not get to run',
  dropped: 'Trellis saw, but could not store',
};

/** Why Trellis did not see. */
export function blindReason(code: BlindCode): string {
  return BLIND_WORDS[code] ?? code;
}

export type TimelineRow =
  | { kind: 'transition'; at: number; transition: Transition }
  | { kind: 'blind'; at: number; stretch: BlindStretch };

/** A stretch that ended sooner than this is a hiccup, and no line of its own. */
export const HICCUP_MS = 5_000;

/** Transitions and blind stretches (by their beginning) in one list, newest first, each once; hiccups are left out. */
export function timelineRows(transitions: readonly Transition[], blind: readonly BlindStretch[]): TimelineRow[] {
  const byId = new Map(transitions.map((one) => [one.id, one]));
  const stretches = new Map(blind.map((one) => [one.id, one]));
  const rows: TimelineRow[] = [
    ...[...byId.values()].map((transition) => ({ kind: 'transition' as const, at: transition.at, transition })),
    ...[...stretches.values()]
      .filter(isWorthALine)
      .map((stretch) => ({ kind: 'blind' as const, at: stretch.from, stretch })),
  ];
  return rows.sort((a, b) => b.at - a.at || idOf(b) - idOf(a));
}

function isWorthALine({ what, from, to }: BlindStretch): boolean {
  return what === 'trellis' || to === null || to - from >= HICCUP_MS;
}

function idOf(row: TimelineRow): number {
  return row.kind === 'transition' ? row.transition.id : 0;
}
