/** What the findings about Celery's events share. Pure. */
import type { CeleryWorker, Ingest } from '#lib/model/celery.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { Subject } from '#lib/model/transition.ts';
import { hostSubjects } from '#server/model/explanations.ts';

/** The workers that their events tell of now, in the order of their names. */
export function heardWorkers(model: Model, now: number): CeleryWorker[] {
  return Object.values(model.celeryWorkers)
    .filter(({ by }) => isCurrent(model.readings[by], now))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The workers whose heartbeats come. */
export function onlineWorkers(model: Model, now: number): CeleryWorker[] {
  return heardWorkers(model, now).filter(({ state }) => state === 'online');
}

/** The intakes that tell of themselves now. */
export function intakes(model: Model, now: number): Ingest[] {
  return Object.values(model.ingests).filter(({ by }) => isCurrent(model.readings[by], now));
}

/** An intake as the subject of a finding. */
export function intakeSubject({ id }: Pick<Ingest, 'id'>): Subject {
  return { kind: 'ingests', id };
}

/** What a worker needs to be heard: its host, and the broker nodes that carry its connections. */
export function needsOf({ id, host }: CeleryWorker, model: Model): Subject[] {
  const nodes = model.workers[id]?.brokerNodes ?? [];
  return [
    ...hostSubjects(host),
    ...nodes.flatMap((node): Subject[] => [
      ...hostSubjects(model.brokerNodes[node]?.host ?? null),
      { kind: 'brokerNodes', id: node },
    ]),
  ];
}
