import { json, problem } from '#server/http/respond.ts';
import { runtimeOrNull } from '#server/runtime/slot.ts';

/** Trellis watches and serves. It says nothing about the health of the estate. */
export function GET(): Response {
  const running = runtimeOrNull();
  if (running === null) return problem(503, 'NOT_BOOTED', 'Trellis has not booted yet');
  return json({ status: 'ok', instance: running.instance, startedAt: running.startedAt, clients: running.hub.clients });
}
