import { partsOf } from '#lib/model/parts.ts';
import { json } from '#server/http/respond.ts';
import { runtime } from '#server/runtime/slot.ts';

/** The whole model as it is now, and the status of every part. */
export function GET(): Response {
  const { clock, estate, hub, instance, watch } = runtime();
  const now = clock();
  const { model } = watch;
  return json({ instance, estate, rev: hub.revision, now, parts: partsOf(model, now), model });
}
