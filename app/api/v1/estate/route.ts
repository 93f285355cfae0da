import { json } from '#server/http/respond.ts';
import { runtime } from '#server/runtime/slot.ts';

/** The whole model, as it is now. */
export function GET(): Response {
  const { clock, estate, hub, instance, watch } = runtime();
  return json({ instance, estate, rev: hub.revision, now: clock(), model: watch.model });
}
