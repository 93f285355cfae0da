/** From what the intake tells to workers and the intake itself. Pure. */
import type { CeleryWorker, Ingest } from '#lib/model/celery.ts';
import type { Host } from '#lib/model/model.ts';
import { answersTo, type Latest, type ReduceContext, type Slice } from '#server/model/fold.ts';
import { endpointEntities } from '#server/sources/endpoints.ts';
import { workerConfigsOf } from './configs.ts';
import { HEARTBEATS, type HeartbeatsPayload, INTAKE, type IntakePayload } from './payloads.ts';

/** The reducer; it needs no configuration. */
export function celeryReduce(latest: readonly Latest[], { hosts }: ReduceContext): Slice {
  const [heartbeats] = answersTo<HeartbeatsPayload>(latest, HEARTBEATS);
  const [intake] = answersTo<IntakePayload>(latest, INTAKE);
  return {
    celeryWorkers: byId(
      (heartbeats?.data ?? []).map(
        (worker): CeleryWorker => ({ ...worker, host: hostOf(worker.id, hosts), by: heartbeats?.by ?? '' }),
      ),
    ),
    workerConfigs: workerConfigsOf(latest),
    ingests: byId(intake === undefined ? [] : [{ ...intake.data, by: intake.by } satisfies Ingest]),
    endpoints: endpointEntities(latest, () => ({
      capabilities: intake?.data.mode == null ? [] : [`${intake.data.mode} queue`],
    })),
  };
}

/** In the order of their names, whoever spoke first. */
function byId<T extends { id: string }>(entities: readonly T[]): Record<string, T> {
  const sorted = [...entities].sort((a, b) => (a.id < b.id ? -1 : 1));
  return Object.fromEntries(sorted.map((entity) => [entity.id, entity]));
}

/** The host that a node name (`celery@web-1`) ends with: as it is, or without its domain. */
function hostOf(worker: string, hosts: Readonly<Record<string, Host>>): string | null {
  const name = worker.slice(worker.indexOf('@') + 1);
  const short = name.split('.')[0] ?? name;
  return [name, short].find((one) => Object.hasOwn(hosts, one)) ?? null;
}
