/** The entities of the sources page, made alike by every source. Pure. */
import type { Endpoint } from '#lib/model/endpoint.ts';
import { OWN_LOAD } from '#lib/model/reading.ts';
import { answersTo, type Latest } from '#server/model/fold.ts';

/** What a source knows about one endpoint besides its readings. */
export type EndpointDetail = { version?: string | null | undefined; capabilities?: readonly string[] };

/** One entity for each endpoint that was asked, without the collective `cluster`. */
export function endpointEntities(
  latest: readonly Latest[],
  detail: (endpoint: string) => EndpointDetail,
): Record<string, Endpoint> {
  const load = new Map(
    answersTo<{ requestsPerSecond: number }>(latest, OWN_LOAD).map((one) => [one.endpoint, one.data.requestsPerSecond]),
  );
  const entities: Record<string, Endpoint> = {};
  for (const { reading } of latest) {
    if (reading.endpoint === 'cluster') continue;
    const id = `${reading.source}/${reading.endpoint}`;
    if (entities[id] !== undefined) continue;
    const { version = null, capabilities = [] } = detail(reading.endpoint);
    const requestsPerSecond = load.get(reading.endpoint) ?? null;
    entities[id] = { id, source: reading.source, name: reading.endpoint, requestsPerSecond, version, capabilities };
  }
  return entities;
}
