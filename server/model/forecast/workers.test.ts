/** Workers. All three consume queue celery. */
import { expect, test } from 'vitest';
import type { Effect } from '#lib/model/forecast.ts';
import type { Model } from '#lib/model/model.ts';
import { forecastsOf } from '#server/model/forecast.ts';
import { changed, NOW, silent, toldEstate } from '#server/sources/told-estate.ts';

function work(model: Model, failing = 'workers/celery@host-1'): Effect | undefined {
  return forecastsOf(model, NOW)[failing]?.effects.find(({ layer }) => layer === 'workers');
}

function without(model: Model, ...ids: string[]): Model {
  return ids.reduce((less, id) => changed(less, 'workers', id, { queues: [], goneSince: NOW - 1 }), model);
}

test('as long as another worker consumes the same queues the work goes on', () => {
  const effect = work(toldEstate());
  expect(effect?.outcome).toBe('unaffected');
  expect(effect?.text).toContain('2 of 3 workers would be left');
});

test('without another worker the queue stops', () => {
  const effect = work(without(toldEstate(), 'celery@host-2', 'celery@host-3'));
  expect(effect?.outcome).toBe('stops');
  expect(effect?.text).toContain('Without celery@host-1 nobody works on celery.');
});

test('a queue that only this worker consumes stops, though others work', () => {
  const model = changed(toldEstate(), 'workers', 'celery@host-1', { queues: ['celery', 'reports'] });
  expect(work(model)).toMatchObject({ outcome: 'stops' });
  expect(work(model, 'workers/celery@host-2')).toMatchObject({ outcome: 'unaffected' });
});

test('a worker that is not in the list of consumers yet may work on anything', () => {
  const model = changed(without(toldEstate(), 'celery@host-2'), 'workers', 'celery@host-3', { queues: null });
  expect(work(model)?.outcome).toBe('unknown');
});

test('while the list of consumers is old nobody knows who works on what', () => {
  const model = silent(toldEstate(), (key) => key === 'rabbitmq/cluster/consumers');
  expect(work(model)?.outcome).toBe('unknown');
});
