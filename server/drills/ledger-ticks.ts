/** The lanes of schedules: what the ticks of beat tell. Pure; times are epoch ms. */
import { MIN_INTERVAL_MS } from '#lib/model/ticks.ts';
import { type Lane, limitOf } from './ledger-outages.ts';

/** A gap of this many intervals is an outage: ticks come by the clock, and are not jostled by other tasks. */
const TICK_PATIENCE = 1.5;
const MIN_TICKS = 4;

/**
 * Each schedule has its own rhythm, which its ticks teach: those from before the run where they are enough. A beat that cannot publish
 * tries again many times a second, also minutes ago: no rhythm is that fast.
 */
export function tickLanes(
  ticks: ReadonlyMap<string, ReadonlySet<number>>,
  beganAt: number,
  endedAt: number,
  now: number,
): Lane[] {
  return [...ticks.values()].flatMap((times): Lane[] => {
    const sorted = [...times].sort((a, b) => a - b);
    const [first] = sorted;
    if (first === undefined || sorted.length < MIN_TICKS) return [];
    const before = sorted.filter((at) => at <= beganAt);
    const taught = before.length < MIN_TICKS ? sorted : before;
    const gaps = taught.slice(1).map((at, i) => at - (taught[i] ?? at));
    const slow = gaps.filter((gap) => gap >= MIN_INTERVAL_MS).sort((a, b) => a - b);
    const usualMs = slow[Math.floor((slow.length - 1) / 2)];
    if (usualMs === undefined) return [];
    const points = sorted.map((at) => ({ at, errorMs: 0 }));
    const rhythm = { points, usualMs, patience: TICK_PATIENCE };
    // After the end nobody waits for another tick, but for one that was overdue even then.
    const isOverdue = endedAt - (sorted.at(-1) ?? first) > limitOf(rhythm);
    const until = endedAt > now || isOverdue ? now : null;
    return [{ path: 'schedule', ...rhythm, beganAt: first, until, retryMs: 0 }];
  });
}
