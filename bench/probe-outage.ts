/** How long something was out, from the moments at which it worked. Pure. */

/** The probe tries so often. */
export const SPACING_MS = 50;
/** Some tries may be slow without anything being out. */
const BACK_WITHIN_MS = 1_000;

/** The moments (epoch ms) at which one thing was seen to work. */
export type Series = readonly number[];

/**
 * The longest time without success from `fromMs` to `untilMs`, without the normal spacing; null = it was not back by then.
 * What succeeded last before `fromMs` counts: a gap begins there.
 */
export function outageMs(series: Series, fromMs: number, untilMs: number): number | null {
  const before = series.findLast((at) => at <= fromMs);
  const times = series.filter((at) => at > fromMs && at <= untilMs);
  const last = times.at(-1);
  if (before === undefined || last === undefined || !isBack(series, untilMs)) return null;
  let longest = 0;
  for (const [index, at] of times.entries()) longest = Math.max(longest, at - (times[index - 1] ?? before));
  return Math.max(0, longest - SPACING_MS);
}

/** It works now: it succeeded a moment ago. */
export function isBack(series: Series, nowMs: number): boolean {
  return nowMs - (series.at(-1) ?? Number.NEGATIVE_INFINITY) <= BACK_WITHIN_MS;
}

/** What was confirmed and never came out. */
export function lostOf(confirmed: ReadonlySet<number>, consumed: ReadonlySet<number>): number {
  return confirmed.difference(consumed).size;
}
