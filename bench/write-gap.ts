/** How long no write was acknowledged. Pure. */

/**
 * The longest time without an acknowledgement between two times, from the acknowledgements' own times (ascending, epoch ms). What
 * came last before `fromMs` counts: a gap begins there; one that goes on ends at `untilMs`. null = nothing was acknowledged at all.
 */
export function longestGapMs(times: readonly number[], fromMs: number, untilMs: number): number | null {
  const before = times.findLast((at) => at <= fromMs);
  const inside = times.filter((at) => at > fromMs && at <= untilMs);
  const first = before ?? inside[0];
  if (first === undefined) return null;
  let last = first;
  let longest = 0;
  for (const at of [...inside, untilMs]) {
    longest = Math.max(longest, at - last);
    last = at;
  }
  return longest;
}
