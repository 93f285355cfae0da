/** Random numbers that a seed decides, so that every run can be repeated. Pure. */

/** Gives numbers from 0 to below 1. */
export type Random = () => number;

/** A stream of numbers of its own for every seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from `least` to `most`, both included. */
export function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** One of them. @throws Error when there is none */
export function oneOf<T>(random: Random, all: readonly T[]): T {
  if (all.length === 0) throw new Error('nothing to choose from');
  return all[between(random, 0, all.length - 1)] as T;
}

/** All of them in another order. */
export function shuffled<T>(random: Random, all: readonly T[]): T[] {
  const order = [...all];
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = between(random, 0, at);
    [order[at], order[other]] = [order[other] as T, order[at] as T];
  }
  return order;
}

/** A task id as Celery makes them. `number` (below 2^48) makes it differ from all others of the same seed for certain. */
export function randomId(random: Random, number?: number): string {
  const hex = Array.from({ length: 8 }, () => between(random, 0, 0xffff).toString(16).padStart(4, '0')).join('');
  const tail = number === undefined ? hex.slice(20) : number.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${tail}`;
}
