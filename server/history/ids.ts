/**
 * Ids of transitions: the time in ms × 1000, or one more than the id before. So they grow over restarts without asking
 * the store first, and stay safe integers until the year 2255.
 */
const IDS_A_MS = 1_000;

/** The id after `previous` for something seen at `at` (epoch ms). */
export function nextId(previous: number, at: number): number {
  return Math.max(previous + 1, Math.floor(at) * IDS_A_MS);
}

/** The time that an id stands for. */
export function timeOfId(id: number): number {
  return Math.floor(id / IDS_A_MS);
}
