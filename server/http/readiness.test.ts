import { expect, test } from 'vitest';
import type { HistoryState } from '#lib/contract/timeline.ts';
import type { Ingest } from '#lib/model/celery.ts';
import type { Model } from '#lib/model/model.ts';
import { NOW, silent, toldEstate } from '#server/sources/told-estate.ts';
import { readinessOf } from './readiness.ts';

const KEPT: HistoryState = { state: 'ok', message: '', since: 0, pending: 0, dropped: 0 };

/** The whole lab with an intake in this state. */
function taking(state: Ingest['state'], problem: string | null = null): Model {
  const model = toldEstate();
  const by = Object.keys(model.readings)[0] ?? '';
  const ingest = { id: 'trellis.events', state, problem, by } as Ingest;
  return { ...model, ingests: { [ingest.id]: ingest } };
}

test('a Trellis that sees, takes in and stores everything is ok', () => {
  const { status, sources, ingest } = readinessOf(taking('consuming'), KEPT, true, NOW);
  expect(status).toBe('ok');
  expect(Object.keys(sources).sort()).toEqual(['consul', 'haproxy', 'rabbitmq', 'redis']);
  expect(sources.consul).toMatchObject({ sight: 'all', silent: [] });
  expect(ingest).toEqual({ state: 'consuming', problem: null });
});

test('an endpoint that does not answer is named, and its source sees in part', () => {
  const model = silent(toldEstate(), (key) => key.startsWith('haproxy/haproxy-2/'));
  const { status, sources } = readinessOf(model, KEPT, false, NOW);
  expect(status).toBe('degraded');
  expect(sources.haproxy).toEqual({
    ...{ sight: 'partly', endpoints: 3 },
    silent: [{ endpoint: 'haproxy-2', sight: 'none', why: null }],
  });
  expect(sources.redis?.sight).toBe('all');
});

test('an endpoint that answers one question of two sees in part, and says what failed', () => {
  const model = toldEstate();
  const key = 'rabbitmq/rabbit-1@host-1/amqp';
  const reading = model.readings[key] as Model['readings'][string];
  const failure = { code: 'refused', message: 'nobody listens', since: NOW, at: NOW } as const;
  const broken = { ...model, readings: { ...model.readings, [key]: { ...reading, failure } } };
  expect(readinessOf(broken, KEPT, false, NOW).sources.rabbitmq?.silent).toEqual([
    { endpoint: 'rabbit-1@host-1', sight: 'partly', why: 'nobody listens' },
  ]);
});

test('a Trellis that no source answers is blind', () => {
  const { status, ingest } = readinessOf(
    silent(taking('consuming'), () => true),
    KEPT,
    true,
    NOW,
  );
  expect(status).toBe('blind');
  expect(ingest.state).toBe('silent');
});

test('an intake that does not store, does not report, or is off is told as that', () => {
  const failing = readinessOf(taking('storing-fails', 'the disk is full'), KEPT, true, NOW);
  expect(failing).toMatchObject({
    status: 'degraded',
    ingest: { state: 'storing-fails', problem: 'the disk is full' },
  });
  expect(readinessOf(toldEstate(), KEPT, true, NOW)).toMatchObject({ status: 'degraded', ingest: { state: 'silent' } });
  expect(readinessOf(toldEstate(), KEPT, false, NOW)).toMatchObject({ status: 'ok', ingest: { state: 'off' } });
});

test('a history that cannot be stored is told', () => {
  const failing: HistoryState = { ...KEPT, state: 'failing', message: 'no space left' };
  expect(readinessOf(toldEstate(), failing, false, NOW)).toMatchObject({
    ...{ status: 'degraded', history: { state: 'failing', message: 'no space left' } },
  });
});
