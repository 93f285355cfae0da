import { readinessOf } from '#server/http/readiness.ts';
import { json, problem } from '#server/http/respond.ts';
import { runtimeOrNull } from '#server/runtime/slot.ts';

/** Trellis serves; what it sees of the estate, source by source. 503 only before it has booted. */
export function GET(): Response {
  const running = runtimeOrNull();
  if (running === null) return problem(503, 'NOT_BOOTED', 'Trellis has not booted yet');
  const { instance, startedAt, hub, watch, history, ingest, clock } = running;
  const seen = readinessOf(watch.model, history.state, ingest !== null, clock());
  return json({ ...seen, instance, startedAt, clients: hub.clients });
}
