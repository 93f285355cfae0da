/** The one time axis of a run, and what stands on it: marks of observers, outages of paths. Pure; places are in pixels. */
import { DRILL_PATHS, type DrillPath, type Run, type RunMark } from '#lib/model/drill.ts';
import { isUnderWay, outageMs } from './drill.ts';

/** Which part of the run is drawn: what happened around the fault, or all of it. */
export const AXIS_VIEWS = ['fault', 'whole'] as const;
export type AxisView = (typeof AXIS_VIEWS)[number];

/** Times are epoch ms. */
export type Axis = {
  from: number;
  to: number;
  /** Where the axis says 0: the fault, or the start while there was none. */
  zero: number;
  /** What zero is. */
  zeroIs: 'fault' | 'start';
};

/** The least that is drawn after zero, and how much is left free behind the last thing that happened. */
const LEAST_MS = 8_000;
const FREE = 0.15;
/** What is drawn before the fault. */
const BEFORE_MS = 500;

/** The axis of a run at `now`. Around the fault it ends a little after the last thing that happened, so that seconds stay readable. */
export function axisOf(run: Run, now: number, view: AxisView): Axis {
  const { startedAt, faultAt, endedAt, outages, marks } = run;
  const zero = faultAt ?? startedAt;
  const zeroIs = faultAt === null ? 'start' : 'fault';
  const end = endedAt ?? now;
  if (view === 'whole') return { from: startedAt, to: Math.max(end, startedAt + LEAST_MS), zero, zeroIs };
  const happened = [
    ...marks.map(({ at }) => at),
    ...outages.map((outage) => outage.to ?? end),
    // Before the fault nothing is out yet, and what is waited for is the fault.
    ...(faultAt === null && isUnderWay(run) ? [end] : []),
  ].filter((at) => at <= end);
  const last = Math.max(zero, ...happened);
  const first = Math.min(zero - BEFORE_MS, ...outages.map(({ from }) => from - BEFORE_MS / 2));
  return { from: first, to: Math.max(zero + LEAST_MS, last + (last - zero) * FREE), zero, zeroIs };
}

/** Where a time stands, in pixels from the left; what is off the axis stands at its end. */
export function placeOf(at: number, { from, to }: Axis, widthPx: number): number {
  const share = (at - from) / Math.max(1, to - from);
  return Math.min(1, Math.max(0, share)) * widthPx;
}

export type Tick = { at: number; x: number; label: string };

const TICK_PX = 64;
const STEPS_MS = [
  100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000,
] as const;

/** Round distances from zero, as many as there is room for. */
export function ticksOf(axis: Axis, widthPx: number): Tick[] {
  const { from, to, zero } = axis;
  const most = Math.max(1, Math.floor(widthPx / TICK_PX));
  const stepMs = STEPS_MS.find((step) => (to - from) / step <= most) ?? Math.ceil((to - from) / most);
  const first = Math.ceil((from - zero) / stepMs);
  const count = Math.floor((to - zero) / stepMs) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => {
    const at = zero + (first + i) * stepMs;
    return { at, x: placeOf(at, axis, widthPx), label: tickLabel(at - zero) };
  });
}

function tickLabel(ms: number): string {
  const sign = ms < 0 ? '−' : '';
  const size = Math.abs(ms);
  if (size >= 60_000 && size % 60_000 === 0) return `${sign}${size / 60_000} min`;
  return `${sign}${size / 1_000} s`;
}

/** How a mark looks: something failed, something came (back), or neither. */
export const MARK_TONES = ['bad', 'good', 'neutral'] as const;
export type MarkTone = (typeof MARK_TONES)[number];

const GOOD =
  /\bUP\b|role:master|\+switch-master|\+failover-end|-(sdown|odown|tilt)|(is|calls itself) master|\bin sync on\b|\b(leads|promoted|serves|back|recovered|ready|resumed|elected|joined|running)\b|is Consul leader|\bfirst (result|task|confirm|tick)/i;
const BAD =
  /[+](sdown|odown|tilt)|\bDOWN\b|\b(refused|lost|dead|died|killed|failed|hung|timeout|timed out|silent|gone|closed|reset|unreachable|stopped|nobody|no leader|frozen|MAINT)\b/i;

/** By its words: observers speak in the terms of their product. What was before says nothing of what is. */
export function markTone({ text }: Pick<RunMark, 'text'>): MarkTone {
  const [now = ''] = text.split(': was ');
  if (/\b(not|no) (running|ready|back)\b/i.test(now)) return 'bad';
  if (GOOD.test(now)) return 'good';
  return BAD.test(now) ? 'bad' : 'neutral';
}

export type PlacedMark = {
  mark: RunMark;
  tone: MarkTone;
  x: number;
  /** What is written beside it; null = there is no room, it is read in the list. */
  label: { x: number; anchor: 'start' | 'end'; text: string } | null;
};

export type Lane = { by: string; marks: readonly PlacedMark[] };

/** Of text of 11 px, and from a mark to its text. */
const LETTER_PX = 6.1;
const GAP_PX = 8;
const LEAST_LETTERS = 4;

/** What was seen, oldest first; the same word of the same observer at the same time counts once. */
export function distinctMarks(marks: readonly RunMark[]): RunMark[] {
  const known = new Map(marks.map((mark) => [`${mark.at} ${mark.by} ${mark.text}`, mark]));
  return [...known.values()].sort((a, b) => a.at - b.at);
}

/** A lane for each observer, in the order in which they first saw something; marks before or after the axis are left out. */
export function lanesOf(marks: readonly RunMark[], axis: Axis, widthPx: number): Lane[] {
  const inside = distinctMarks(marks).filter(({ at }) => at >= axis.from && at <= axis.to);
  return [...Map.groupBy(inside, ({ by }) => by)].map(([by, mine]) => ({ by, marks: placed(mine, axis, widthPx) }));
}

function placed(marks: readonly RunMark[], axis: Axis, widthPx: number): PlacedMark[] {
  const xs = marks.map(({ at }) => placeOf(at, axis, widthPx));
  let writtenTo = 0;
  return marks.map((mark, i) => {
    const x = xs[i] ?? 0;
    const roomTo = (xs[i + 1] ?? Number.POSITIVE_INFINITY) - GAP_PX;
    const label = labelAt(mark.text, x, writtenTo, Math.min(roomTo, widthPx), xs[i + 1] === undefined);
    writtenTo = Math.max(writtenTo, label?.anchor === 'start' ? label.x + label.text.length * LETTER_PX : x + GAP_PX);
    return { mark, tone: markTone(mark), x, label };
  });
}

/** To the right of the mark where there is room until the next one; the last one may also write to its left. */
function labelAt(text: string, x: number, freeFrom: number, roomTo: number, isLast: boolean): PlacedMark['label'] {
  const right = Math.floor((roomTo - x - GAP_PX) / LETTER_PX);
  if (text.length <= right) return { x: x + GAP_PX, anchor: 'start', text };
  const left = Math.floor((x - GAP_PX - freeFrom) / LETTER_PX);
  if (isLast && text.length <= left) return { x: x - GAP_PX, anchor: 'end', text };
  if (right < LEAST_LETTERS + 1) return null;
  return { x: x + GAP_PX, anchor: 'start', text: `${text.slice(0, right - 1)}…` };
}

export type OutageBar = {
  /** When it began (epoch ms). */
  from: number;
  /** Pixels. */
  x: number;
  widthPx: number;
  /** The stretch in which its end may truly lie; null = it goes on. */
  error: { x: number; widthPx: number } | null;
  ms: number;
  errorMs: number;
};

export type OutageLane = { path: DrillPath; bars: readonly OutageBar[] };

/** A lane for each path, with what was out on it. */
export function outageLanes({ outages }: Pick<Run, 'outages'>, axis: Axis, now: number, widthPx: number): OutageLane[] {
  return DRILL_PATHS.map((path) => ({
    path,
    bars: outages
      .filter((outage) => outage.path === path)
      .map((outage) => {
        const ms = outageMs(outage, now);
        const { from, to, errorMs } = outage;
        const [x, end] = [placeOf(from, axis, widthPx), placeOf(to ?? from + ms, axis, widthPx)];
        const [low, high] = [-errorMs, errorMs].map((by) => placeOf((to ?? 0) + by, axis, widthPx));
        const error = to === null ? null : { x: low ?? end, widthPx: (high ?? end) - (low ?? end) };
        return { from, x, widthPx: Math.max(MIN_BAR_PX, end - x), error, ms, errorMs };
      }),
  }));
}

/** What was out is seen, however short. */
const MIN_BAR_PX = 2;
