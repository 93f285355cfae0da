/**
 * The estate as metrics: gauges of what the model holds now. What nobody can tell now is absent, so that an alert on
 * absence fires and no board shows a frozen 1. Pure.
 */
import type { Model } from '#lib/model/model.ts';
import { celeryFamilies } from './celery-families.ts';
import type { MetricFamily, MetricSample } from './exposition.ts';
import { ingestFamilies } from './ingest-families.ts';
import { lockFamilies, queueFamilies, redisFamilies } from './role-families.ts';

/** This process of Trellis. */
export type Self = { instance: string; estate: string; startedAt: number; clients: number };

/** Gauges of the model at `now` (epoch ms). */
export function estateFamilies(model: Model, self: Self, now: number): MetricFamily[] {
  return [
    ...celeryFamilies(model, now),
    ...queueFamilies(model, now),
    ...redisFamilies(model, now),
    ...lockFamilies(model, now),
    ...ingestFamilies(model, now),
    sourceAges(model, now),
    findings(model),
    ...selfFamilies(self),
  ];
}

/** It grows while a source is silent: an age is told as long as there ever was an answer. */
function sourceAges(model: Model, now: number): MetricFamily {
  const newest = new Map<string, { source: string; endpoint: string; at: number }>();
  for (const { source, endpoint, at } of Object.values(model.readings)) {
    if (at === null) continue;
    const key = `${source}/${endpoint}`;
    if (at > (newest.get(key)?.at ?? Number.NEGATIVE_INFINITY)) newest.set(key, { source, endpoint, at });
  }
  return {
    name: 'trellis_source_age_seconds',
    help: 'How long ago an endpoint last answered.',
    type: 'gauge',
    samples: [...newest.values()].map(({ source, endpoint, at }) => ({
      labels: { source, endpoint },
      value: Math.max(0, now - at) / 1_000,
    })),
  };
}

/** A finding of which nobody can tell any more whether it still is so is not among them. */
function findings(model: Model): MetricFamily {
  const told = Object.values(model.findings).filter(({ lastSeen }) => lastSeen === null);
  const groups = Map.groupBy(told, ({ code, severity }) => `${code} ${severity}`);
  return {
    name: 'trellis_finding',
    help: 'Findings that are so now, by code and severity; acknowledged ones too.',
    type: 'gauge',
    samples: [...groups.values()].flatMap((group): MetricSample[] => {
      const [first] = group;
      if (first === undefined) return [];
      return [{ labels: { code: first.code, severity: first.severity }, value: group.length }];
    }),
  };
}

function selfFamilies({ instance, estate, startedAt, clients }: Self): MetricFamily[] {
  return [
    {
      ...{ name: 'trellis_info', help: 'This process of Trellis.', type: 'gauge' },
      samples: [{ labels: { instance, estate }, value: 1 }],
    },
    {
      ...{ name: 'trellis_start_time_seconds', help: 'When it started, since the epoch.', type: 'gauge' },
      samples: [{ labels: {}, value: startedAt / 1_000 }],
    },
    {
      ...{ name: 'trellis_stream_clients', help: 'Open streams to browsers.', type: 'gauge' },
      samples: [{ labels: {}, value: clients }],
    },
  ];
}
