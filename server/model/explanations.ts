/** What findings of several systems rest on: the host that a process stands on, and that nobody listens there. Pure. */
import { freshnessOf } from '#lib/model/freshness.ts';
import { isRefused, type Reading, type ReadingFailure } from '#lib/model/reading.ts';
import type { Subject } from '#lib/model/transition.ts';

/** The host of a process, as an explanation; none where it is not known. */
export function hostSubjects(host: string | null): Subject[] {
  return host === null ? [] : [{ kind: 'hosts', id: host }];
}

/** True when nobody listens there, and Trellis was told so not too long ago. */
export function isRefusedNow(
  reading: Reading | undefined,
  now: number,
): reading is Reading & { failure: ReadingFailure } {
  if (!isRefused(reading)) return false;
  return freshnessOf({ at: reading.failure.at, intervalMs: reading.intervalMs }, now) === 'fresh';
}
