/** What several failing readings of one endpoint have in common, so that it is said once. */
import { fixFor } from '#lib/format/reading.ts';
import type { ProbeCode, Reading } from '#lib/model/reading.ts';

/** What to do about `count` readings that fail with the same code. */
export type Advice = { code: ProbeCode; fix: string; count: number };

/** Each advice that holds for more than one of an endpoint's readings. */
export function sharedAdvice(readings: readonly Reading[]): Advice[] {
  const found = new Map<string, Advice>();
  for (const reading of readings) {
    if (reading.failure === null) continue;
    const { code } = reading.failure;
    // The same code may ask for another permission.
    const fix = fixFor(reading, code);
    found.set(fix, { code, fix, count: (found.get(fix)?.count ?? 0) + 1 });
  }
  return [...found.values()].filter(({ count }) => count > 1);
}
