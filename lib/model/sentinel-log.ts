/** The Sentinels' event logs as one: each publishes for itself, and most say the same thing at about the same time. Pure. */
import type { Sentinel, SentinelEvent } from './redis.ts';

/** One message and the Sentinels (ids) that published it; `at` is when the first of them was heard. */
export type SentinelLine = SentinelEvent & { by: readonly string[] };

/** The same message from another Sentinel within this time is the same event. */
const SAME_WITHIN_MS = 2_000;

/** The messages of all Sentinels, newest first; what several of them say at about the same time is one line. */
export function sentinelLog(sentinels: readonly Pick<Sentinel, 'id' | 'events'>[]): SentinelLine[] {
  const heard = sentinels
    .flatMap(({ id, events }) => events.map((event) => ({ ...event, id })))
    .sort((a, b) => a.at - b.at);
  const lines: (SentinelLine & { by: string[] })[] = [];
  const alike = new Map<string, typeof lines>();
  for (const { id, at, channel, text } of heard) {
    const key = `${channel} ${text}`;
    const before = alike.get(key) ?? [];
    // A Sentinel that repeats itself speaks of a new event: `+sdown`, `-sdown`, `+sdown` are two times down.
    const same = before.find((line) => at - line.at <= SAME_WITHIN_MS && !line.by.includes(id));
    if (same !== undefined) {
      same.by.push(id);
      continue;
    }
    const line = { at, channel, text, by: [id] };
    lines.push(line);
    alike.set(key, [...before, line]);
  }
  return lines.reverse();
}
