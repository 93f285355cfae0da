/** `/metrics`: the estate now, and what the intake has counted. */
import { EXPOSITION_TYPE, exposition, type MetricFamily } from '#server/observability/exposition.ts';
import { estateFamilies } from '#server/observability/metrics.ts';
import type { Runtime } from '#server/runtime/slot.ts';

/** Answers a scrape. While the intake does not answer, its counts are absent: a scrape must not fail for them. */
export async function metricsResponse(running: Runtime): Promise<Response> {
  const { instance, estate, startedAt, hub, watch, ingest, clock } = running;
  const counted: readonly MetricFamily[] = (await ingest?.metrics().catch(() => null)) ?? [];
  const self = { instance, estate: estate.name, startedAt, clients: hub.clients };
  const text = exposition([...counted, ...estateFamilies(watch.model, self, clock())]);
  return new Response(text, { headers: { 'content-type': EXPOSITION_TYPE, 'cache-control': 'no-store' } });
}
