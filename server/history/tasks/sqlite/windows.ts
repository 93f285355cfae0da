/** Stretches of time, read one after the other from one end: short where much matches, longer and longer where little does. */
import { placeOf } from './columns.ts';
import type { Asked } from './sql.ts';

export type Direction = 'newest' | 'oldest';
/** Ids from `low` to `high`, both inclusive. */
export type Window = { low: number; high: number };

const FIRST_MS = 60_000;
/** A stretch that took longer than this is not followed by a longer one. */
const SLOW_MS = 15;

/** The stretches of a span, each as long as what was read before it allows. `clock` in ms. */
export function* windowsOf({ low, high }: Window, direction: Direction, clock: () => number): Generator<Window> {
  let size = placeOf(FIRST_MS);
  for (let [from, to] = [low, high]; from <= to; ) {
    const startedAt = clock();
    const window =
      direction === 'newest'
        ? { low: Math.max(from, to - size + 1), high: to }
        : { low: from, high: Math.min(to, from + size - 1) };
    yield window;
    if (direction === 'newest') to = window.low - 1;
    else from = window.high + 1;
    const tookMs = clock() - startedAt;
    if (tookMs < SLOW_MS / 4) size *= 4;
    else if (tookMs < SLOW_MS) size *= 2;
    else if (tookMs > 2 * SLOW_MS) size = Math.max(placeOf(FIRST_MS), Math.floor(size / 2));
  }
}

/** The ids that there are of those that are asked for. */
export function existing(asked: Asked, { low, high }: Window): Window {
  // Asked one by one, each is a single look at an end of the table.
  const first = asked.db.prepare('select min(id) as id from tasks').get()?.id ?? 0;
  const last = asked.db.prepare('select max(id) as id from tasks').get()?.id ?? -1;
  return { low: Math.max(low, Number(first)), high: Math.min(high, Number(last)) };
}
