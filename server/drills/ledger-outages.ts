/** Outages out of the times at which a path was seen to work: gaps that are longer than usual. Pure; times are epoch ms. */
import { DRILL_PATHS, type DrillPath, type Outage } from '#lib/model/drill.ts';

/** One stream of signs that a path works: the canaries of one queue, or the ticks of one schedule. */
export type Lane = {
  path: DrillPath;
  /** When it worked, in any order. */
  points: readonly { at: number; errorMs: number }[];
  /** Since when it should have worked. */
  beganAt: number;
  /** Until when another sign was due; null = none is. */
  until: number | null;
  /** The time between two signs while all is well. */
  usualMs: number;
  /** A gap of more than this many usual times is an outage. */
  patience: number;
  /** Besides the usual time: how long a path that works again may take to show it. */
  retryMs: number;
  /** When nobody looked; absent = never. They do not overlap. */
  stills?: readonly Still[] | undefined;
};

/** Trellis itself stood still: nothing was published meanwhile, and nothing was heard. */
export type Still = { from: number; to: number };

/** What has just happened may still be on its way to Trellis. */
const ARRIVAL_MS = 500;
/** The first sign takes a connection, and a worker that wakes up. */
const FIRST_MS = 2_000;
/** Of the gaps this share is usual, whatever the settings say: a busy machine is no outage. */
const USUAL_SHARE = 0.95;
/** … but a path that is slow all the time must not hide its outages. */
const USUAL_LIMIT = 2;

type Gap = { path: DrillPath; from: number; to: number | null; end: number; slackMs: number; errorMs: number };

/** The outages of all lanes; those of one path that overlap are one. By path, then time. */
export function outagesOf(lanes: readonly Lane[]): Outage[] {
  const gaps = lanes.flatMap(gapsOf);
  return DRILL_PATHS.flatMap((path) => united(exact(gaps.filter((gap) => gap.path === path))).map(asOutage));
}

/** Schedules come from one beat, which is out for all of them at once: the one that ticks most often tells best for how long. */
function exact(gaps: readonly Gap[]): readonly Gap[] {
  const isTold = (gap: Gap, by: Gap) => by.slackMs < gap.slackMs && by.from < gap.end && gap.from < by.end;
  return gaps.filter((gap) => gap.path !== 'schedule' || !gaps.some((other) => isTold(gap, other)));
}

function gapsOf({ path, points, beganAt, until, usualMs, patience, retryMs, stills = [] }: Lane): Gap[] {
  const sorted = sortedPoints(points);
  const limitMs = limitOf({ points, usualMs, patience });
  const gap = (from: number, to: number | null, end: number, clockMs: number): Gap => {
    // It broke after the last good sign, at a time that nobody saw, and was well again some time before the first.
    const slackMs = (usualMs + retryMs + unseenMs(stills, from, end, limitMs)) / 2;
    return { ...{ path, from, to, end, slackMs }, errorMs: slackMs + clockMs };
  };
  /** For so long somebody looked, and saw no sign. */
  const lookedMs = (from: number, to: number) => to - from - stillMs(stills, from, to);
  const found: Gap[] = [];
  let last: Lane['points'][number] = { at: beganAt, errorMs: 0 };
  for (const [i, point] of sorted.entries()) {
    const allowedMs = i === 0 ? limitMs + FIRST_MS : limitMs;
    if (lookedMs(last.at, point.at) > allowedMs) {
      found.push(gap(last.at, point.at, point.at, last.errorMs + point.errorMs));
    }
    if (point.at > last.at) last = point;
  }
  const openMs = limitMs + (sorted.length === 0 ? FIRST_MS : ARRIVAL_MS);
  if (until !== null && lookedMs(last.at, until) > openMs) found.push(gap(last.at, null, until, last.errorMs));
  return found;
}

/** How much of a time that was. */
function stillMs(stills: readonly Still[], from: number, to: number): number {
  return stills.reduce((sum, still) => sum + Math.max(0, Math.min(still.to, to) - Math.max(still.from, from)), 0);
}

/**
 * How much nobody looked at the ends of a gap, where the outage may not have begun, or have been over: as long as they had not
 * looked for more than `limitMs` of it, they could not tell.
 */
function unseenMs(stills: readonly Still[], from: number, to: number, limitMs: number): number {
  const within = stills.filter((still) => still.to > from && still.from < to);
  const lookedMs = (start: number, end: number) => end - start - stillMs(within, start, end);
  const atEnds = within.filter(
    (still) => lookedMs(from, Math.max(from, still.from)) <= limitMs || lookedMs(Math.min(to, still.to), to) <= limitMs,
  );
  return stillMs(atEnds, from, to);
}

/** A gap of more than so long (ms) is an outage. */
export function limitOf({ points, usualMs, patience }: Pick<Lane, 'points' | 'usualMs' | 'patience'>): number {
  return patience * usualOf(sortedPoints(points), usualMs);
}

function sortedPoints(points: Lane['points']): Lane['points'] {
  return [...points].sort((a, b) => a.at - b.at);
}

/** What most gaps stay below. */
function usualOf(sorted: readonly { at: number }[], usualMs: number): number {
  const gaps = sorted.slice(1).map(({ at }, i) => at - (sorted[i]?.at ?? at));
  gaps.sort((a, b) => a - b);
  const most = gaps[Math.ceil(gaps.length * USUAL_SHARE) - 1] ?? usualMs;
  return Math.min(USUAL_LIMIT * usualMs, Math.max(usualMs, most));
}

function united(gaps: readonly Gap[]): Gap[] {
  const found: Gap[] = [];
  for (const gap of [...gaps].sort((a, b) => a.from - b.from)) {
    const before = found.at(-1);
    if (before === undefined || gap.from > before.end) {
      found.push(gap);
      continue;
    }
    const later = gap.end > before.end ? gap : before;
    found[found.length - 1] = {
      ...{ path: gap.path, from: before.from, end: later.end },
      to: before.to === null || gap.to === null ? null : later.to,
      slackMs: Math.max(before.slackMs, gap.slackMs),
      errorMs: Math.max(before.errorMs, gap.errorMs),
    };
  }
  return found;
}

function asOutage({ path, from, to, end, slackMs, errorMs }: Gap): Outage {
  return {
    path,
    from: Math.round(from),
    to: to === null ? null : Math.round(to),
    ms: Math.max(0, Math.round(end - from - slackMs)),
    errorMs: Math.ceil(errorMs),
  };
}
