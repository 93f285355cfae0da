/**
 * `/api/health/ready`: Trellis serves, and how much of the estate it sees. A blind Trellis is ready all the same: it says
 * what it cannot see, and whoever takes it away for that takes away the one who tells. Pure.
 */
import type { HistoryState } from '#lib/contract/timeline.ts';
import type { Ingest } from '#lib/model/celery.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import { OWN_LOAD, type Reading } from '#lib/model/reading.ts';

export const SIGHTS = ['all', 'partly', 'none'] as const;
export type Sight = (typeof SIGHTS)[number];

/** What one source sees now. */
export type SourceReadiness = {
  sight: Sight;
  endpoints: number;
  /** Endpoints that do not answer everything they are asked, with what failed; those never heard of are among them. */
  silent: readonly { endpoint: string; sight: Sight; why: string | null }[];
};

export type Readiness = {
  /** ok = sees and stores everything; degraded = not all of it; blind = no source answers. */
  status: 'ok' | 'degraded' | 'blind';
  sources: Readonly<Record<string, SourceReadiness>>;
  /** The intake of Celery's events; `off` = not configured, `silent` = it does not report. */
  ingest: { state: Ingest['state'] | 'off' | 'silent'; problem: string | null };
  history: { state: HistoryState['state']; message: string };
};

/** What holds at `now` (epoch ms). `hasIngest`: events are to be taken in. */
export function readinessOf(model: Model, history: HistoryState, hasIngest: boolean, now: number): Readiness {
  const readings = Object.values(model.readings).filter(({ name }) => name !== OWN_LOAD);
  const groups = Map.groupBy(readings, ({ source }) => source);
  const sources = Object.fromEntries([...groups].map(([source, own]) => [source, sourceReadiness(own, now)]));
  const ingest = hasIngest ? ingestReadiness(model, now) : { state: 'off' as const, problem: null };
  const sights = Object.values(sources).map(({ sight }) => sight);
  const isWell = ingest.state === 'off' || ingest.state === 'consuming';
  const isBlind = sights.every((sight) => sight === 'none');
  const isWhole = sights.every((sight) => sight === 'all') && isWell && history.state === 'ok';
  return {
    status: isBlind ? 'blind' : isWhole ? 'ok' : 'degraded',
    ...{ sources, ingest, history: { state: history.state, message: history.message } },
  };
}

function sourceReadiness(readings: readonly Reading[], now: number): SourceReadiness {
  const endpoints = [...Map.groupBy(readings, ({ endpoint }) => endpoint)].map(([endpoint, own]) => {
    const failed = own.find(({ failure }) => failure !== null)?.failure;
    return { endpoint, sight: sightOf(own.map((one) => isCurrent(one, now))), why: failed?.message ?? null };
  });
  const silent = endpoints.filter(({ sight }) => sight !== 'all');
  const seen = endpoints.flatMap(({ sight }) => (sight === 'partly' ? [true, false] : [sight === 'all']));
  return { sight: sightOf(seen), endpoints: endpoints.length, silent };
}

function sightOf(seen: readonly boolean[]): Sight {
  if (seen.every(Boolean)) return 'all';
  return seen.some(Boolean) ? 'partly' : 'none';
}

function ingestReadiness(model: Model, now: number): Readiness['ingest'] {
  const [ingest] = Object.values(model.ingests);
  if (ingest === undefined || !isCurrent(model.readings[ingest.by], now)) return { state: 'silent', problem: null };
  return { state: ingest.state, problem: ingest.problem };
}
