/** What must be true of every forecast, on the whole lab and with one thing changed. */
import { expect, test } from 'vitest';
import { type Forecast, isSafe } from '#lib/model/forecast.ts';
import type { Model } from '#lib/model/model.ts';
import {
  brokerDown,
  handling,
  NOW,
  RABBIT_1,
  RABBIT_2,
  RABBIT_3,
  replicated,
  silent,
  toldEstate,
} from '#server/sources/told-estate.ts';
import { wholeEstate } from '#server/sources/whole-estate.ts';
import { forecastsOf } from './forecast.ts';

const HOSTS = ['hosts/host-1', 'hosts/host-2', 'hosts/host-3'];

function of(model: Model, id: string): Forecast {
  const forecast = forecastsOf(model, NOW)[id];
  if (forecast === undefined) throw new Error(`no forecast ${id}`);
  return forecast;
}

const isSingle = ({ failing: [first, ...others] }: Forecast) => first?.kind !== 'hosts' && others.length === 0;

test('of the whole lab any one host can be lost', () => {
  for (const model of [wholeEstate().model, toldEstate()]) {
    expect(HOSTS.map((id) => [id, isSafe(of(model, id))])).toEqual(HOSTS.map((id) => [id, true]));
  }
});

test('of the whole lab any one process can be lost, but for a proxy, which somebody has as the only entrance', () => {
  const single = Object.values(forecastsOf(toldEstate(), NOW)).filter(isSingle);
  expect(single).toHaveLength(20);
  const unsafe = single.filter((one) => !isSafe(one)).map(({ id, outcome }) => `${id}: ${outcome}`);
  expect(unsafe).toEqual(['proxies/haproxy-1: stops', 'proxies/haproxy-2: stops', 'proxies/haproxy-3: stops']);
});

test('no two of three hosts can be lost', () => {
  const pairs = Object.values(forecastsOf(toldEstate(), NOW)).filter(({ failing }) => failing.length === 2);
  expect(pairs.map(({ id, outcome }) => `${id}: ${outcome}`)).toEqual([
    'hosts/host-1+hosts/host-2: stops',
    'hosts/host-1+hosts/host-3: stops',
    'hosts/host-2+hosts/host-3: stops',
  ]);
});

test('every effect names the readings that it rests on, and every reason is a sentence', () => {
  const model = silent(toldEstate(), (key) => key.includes('127.0.1.3'));
  for (const { id, reason, effects } of Object.values(forecastsOf(model, NOW))) {
    expect(reason, id).toMatch(/^\S.*\.$/);
    for (const { by, text } of effects) {
      expect(by.length, text).toBeGreaterThan(0);
      expect(
        by.filter((key) => model.readings[key] === undefined),
        text,
      ).toEqual([]);
      expect(text).toMatch(/^\S.*\.$/);
    }
  }
});

test('the gravest effect comes first, and gives outcome and reason', () => {
  const model = replicated(toldEstate(), { inSync: [RABBIT_2] });
  const { outcome, reason, effects } = of(model, 'hosts/host-2');
  expect(outcome).toBe('loses');
  expect(reason).toBe(effects[0]?.text);
});

test("a host's own entrance goes with it, and is not held against it while another proxy stands", () => {
  const whole = of(toldEstate(), 'hosts/host-1');
  expect(whole.effects.find(({ layer }) => layer === 'entrance')?.outcome).toBe('stops');
  expect(isSafe(whole)).toBe(true);
  const model = toldEstate();
  const alone = { ...model, proxies: { 'haproxy-1': model.proxies['haproxy-1'] } } as Model;
  expect(of(alone, 'hosts/host-1').outcome).toBe('stops');
});

test('no silence makes a loss safe that was not: what is silent is no survivor', () => {
  const model = toldEstate();
  for (const key of Object.keys(model.readings)) {
    const before = forecastsOf(model, NOW);
    const after = forecastsOf(
      silent(model, (one) => one === key),
      NOW,
    );
    for (const id of Object.keys(before)) {
      if (!isSafe(before[id] as Forecast)) expect(isSafe(after[id] as Forecast), `${key}, ${id}`).toBe(false);
    }
  }
});

test('while nothing answers no host is safe to lose, and no broker node, Sentinel or Consul server', () => {
  const forecasts = Object.values(
    forecastsOf(
      silent(toldEstate(), () => true),
      NOW,
    ),
  );
  const safe = forecasts.filter(isSafe).map(({ id }) => id);
  expect(safe).toEqual([]);
});

test('while the management API is silent no host is safe to lose', () => {
  const model = silent(toldEstate(), (key) => key.startsWith('rabbitmq/'));
  expect(HOSTS.map((id) => of(model, id).outcome)).toEqual(['unknown', 'unknown', 'unknown']);
});

test('what is down already is lost already: losing it again does nothing', () => {
  const model = brokerDown(toldEstate(), RABBIT_3);
  const { outcome, reason, effects } = of(model, `brokerNodes/${RABBIT_3}`);
  expect([outcome, reason, effects]).toEqual(['unaffected', 'rabbit-3 is down already.', []]);
});

test('what is down already counts against the loss of another', () => {
  const model = handling(brokerDown(toldEstate(), RABBIT_3), 'pause_minority');
  const { outcome, reason } = of(model, `brokerNodes/${RABBIT_1}`);
  expect(outcome).toBe('stops');
  expect(reason).toContain('rabbit-3 is down already.');
});

test('a system that is not watched is left out', () => {
  const model = toldEstate();
  const readings = Object.fromEntries(Object.entries(model.readings).filter(([, { source }]) => source !== 'consul'));
  const without = { ...model, readings, consulServers: {}, locks: {}, beats: {}, coordinators: {} };
  const layers = of(without, 'hosts/host-2').effects.map(({ layer }) => layer);
  expect(layers).not.toContain('coordination');
  expect(layers).toContain('queues');
});

test('ten thousand queues are looked at once, not once a forecast', () => {
  const model = toldEstate();
  let reads = 0;
  const replication = model.queues['/:celery']?.replication;
  const queues = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, i) => {
      const queue = { ...model.queues['/:celery'], id: `/:q${i}`, name: `q${i}` };
      const counted = () => {
        reads++;
        return replication;
      };
      return [queue.id, Object.defineProperty(queue, 'replication', { enumerable: true, get: counted })];
    }),
  );
  const many = { ...model, queues } as unknown as Model;
  forecastsOf(many, NOW);
  const first = reads;
  forecastsOf({ ...many }, NOW + 1);
  expect(first).toBeGreaterThan(0);
  expect(reads - first).toBeLessThan(100);
});
