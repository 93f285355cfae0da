import { json } from '#server/http/respond.ts';
import { runtime } from '#server/runtime/slot.ts';

/** The newest transitions, oldest first. */
export function GET(): Response {
  const { clock, hub } = runtime();
  return json({ now: clock(), transitions: hub.timeline });
}
