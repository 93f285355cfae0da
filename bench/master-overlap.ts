/** For how long something was true of two at once, from samples of each. Pure. */

/** What was seen of one thing at a moment (epoch ms). */
export type Sample = { readonly at: number; readonly yes: boolean };

/** A sample says nothing of what comes later than this: an answer was lost, or came late. */
const HOLDS_MS = 60;

/** The time in ms during which it was true of at least two. A sample holds until the next one of the same thing. */
export function overlapMs(things: readonly (readonly Sample[])[]): number {
  const edges = things
    .flatMap((samples) => intervals(samples))
    .flatMap(({ from, to }) => [
      { at: from, change: 1 },
      { at: to, change: -1 },
    ])
    .sort((a, b) => a.at - b.at || a.change - b.change);
  let count = 0;
  let total = 0;
  let since = 0;
  for (const { at, change } of edges) {
    if (count >= 2) total += at - since;
    since = at;
    count += change;
  }
  return total;
}

function intervals(samples: readonly Sample[]): { from: number; to: number }[] {
  return samples.flatMap(({ at, yes }, index) => {
    if (!yes) return [];
    const next = samples[index + 1]?.at ?? at;
    return [{ from: at, to: Math.min(next, at + HOLDS_MS) }];
  });
}
