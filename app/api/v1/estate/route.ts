import { partsOf } from '#lib/model/parts.ts';
import { json } from '#server/http/respond.ts';
import { runtime } from '#server/runtime/slot.ts';

/** The whole model as it is now, the status of every part, the newest transitions and samples. */
export function GET(): Response {
  const { clock, estate, hub, instance, watch } = runtime();
  const now = clock();
  const { model } = watch;
  const { revision: rev, timeline: transitions, samples, newestSeconds: throughput } = hub;
  return json({ instance, estate, rev, now, parts: partsOf(model, now), model, transitions, samples, throughput });
}
