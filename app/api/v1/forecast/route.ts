import { json } from '#server/http/respond.ts';
import { runtime } from '#server/runtime/slot.ts';

/** What would happen if a host, a process, or two hosts failed now. */
export function GET(): Response {
  const { clock, watch } = runtime();
  return json({ now: clock(), forecasts: Object.values(watch.model.forecasts) });
}
