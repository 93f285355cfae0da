/** Whether a value speaks for the present. Pure. */
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';

/** True when the reading behind it (null = none) answered, and not too long ago. */
export function isTold(model: Model, by: string | null, now: number): boolean {
  return by !== null && isCurrent(model.readings[by], now);
}
