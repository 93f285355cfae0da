import { expect, test } from 'vitest';
import type { Effect, Forecast, Outcome } from '#lib/model/forecast.ts';
import { emptyModel, type Model } from '#lib/model/model.ts';
import type { Reading } from '#lib/model/reading.ts';
import { forecastShown, formatBand, hostForecastText } from './forecast.ts';

const NOW = 1_000_000;
const KEY = 'rabbitmq/cluster/queues';

const READING: Reading = {
  ...{ key: KEY, source: 'rabbitmq', endpoint: 'cluster', name: 'queues', intervalMs: 1_000, at: NOW, tookMs: 1 },
  ...{ via: null, lacks: null, failure: null },
};
const model: Model = { ...emptyModel(), readings: { [KEY]: READING } };

function forecast(outcome: Outcome, by: readonly string[] = [KEY]): Forecast {
  const subject = { kind: 'hosts', id: 'host-1' } as const;
  const effect: Effect = {
    ...{ layer: 'queues', subject, outcome, text: 'so.', successors: [], outageMs: null, lostMessages: null, by },
  };
  return { id: 'hosts/host-1', failing: [subject], outcome, reason: 'so.', effects: [effect] };
}

const statusOf = (outcome: Outcome, by?: readonly string[], now = NOW) =>
  forecastShown(forecast(outcome, by), model, now).status;

test('only what goes on by itself is green', () => {
  const outcomes = ['unaffected', 'takes-over', 'unknown', 'stops', 'loses'] as const;
  expect(outcomes.map((one) => statusOf(one))).toEqual(['ok', 'ok', 'unknown', 'degraded', 'down']);
});

test('what rests on a reading that is old, failing or not there is not green', () => {
  expect(statusOf('takes-over', [KEY], NOW + 5_001)).toBe('stale');
  expect(statusOf('takes-over', [KEY, 'rabbitmq/gone/nodes'])).toBe('stale');
  // Nothing stands on that host; but nobody answers any more at all.
  expect(statusOf('unaffected', [], NOW + 5_001)).toBe('stale');
  expect(statusOf('unaffected', [])).toBe('ok');
});

test('a host in words: can be lost, cannot, or cannot be told', () => {
  const text = (outcome: Outcome, now = NOW) => hostForecastText(forecast(outcome), model, now);
  expect(text('takes-over')).toBe('can be lost');
  expect(text('takes-over', NOW + 5_001)).toBe('whether it can be lost cannot be told now');
  expect(text('loses')).toBe('cannot be lost: so.');
  expect(text('unknown')).toBe('whether it can be lost cannot be told: so.');
});

test.each([
  [3_500, 5_000, '3.5–5 s'],
  [200, 200, '0.2 s'],
  [15_000, 45_400, '15–45 s'],
  [90_000, 180_000, '1.5–3 min'],
])('an outage of %d to %d ms reads %s', (from, to, text) => {
  expect(formatBand({ from, to })).toBe(text);
});
