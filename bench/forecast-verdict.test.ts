import { describe, expect, it } from 'vitest';
import type { Effect } from '#lib/model/forecast.ts';
import { cameAsTold, checksOf, type Measured } from './forecast-verdict.ts';

const NOTHING: Measured = { outages: {}, winners: {}, lost: 0 };

function effect(change: Partial<Effect>): Effect {
  return {
    ...{ layer: 'results', subject: { kind: 'redisServices', id: 'results' }, outcome: 'takes-over', text: '' },
    ...{ successors: [], outageMs: null, lostMessages: 0, by: [] },
    ...change,
  };
}

function check(change: Partial<Effect>, measured: Partial<Measured>) {
  return checksOf({ effects: [effect(change)] }, { ...NOTHING, ...measured })[0];
}

const results = (ms: number | null) => ({ outages: { results: { 'haproxy-1': 0, 'haproxy-2': ms } } });

describe('an outage', () => {
  const outageMs = { from: 3_000, to: 5_000 };

  it('came as told within 200 ms of its band, and the longest path counts', () => {
    for (const ms of [2_800, 4_000, 5_200]) expect(check({ outageMs }, results(ms))?.pass).toBe(true);
    expect(check({ outageMs }, results(2_799))?.wrong).toEqual(['shorter than told']);
    expect(check({ outageMs }, results(5_201))?.wrong).toEqual(['longer than told']);
    expect(check({ outageMs }, results(null))?.wrong).toEqual(['it did not come back']);
  });

  it('of a proxy is the one measured through it', () => {
    const outages = { publish: { 'haproxy-1': 3_100, 'haproxy-2': 0 } };
    const through = (id: string, outcome: Effect['outcome']) =>
      check({ layer: 'publish', subject: { kind: 'proxies', id }, outcome, outageMs: null }, { outages });
    expect(through('haproxy-2', 'unaffected')).toMatchObject({ measuredMs: 0, pass: true });
    expect(through('haproxy-1', 'unaffected')).toMatchObject({ measuredMs: 3_100, wrong: ['it was out'] });
    expect(through('haproxy-3', 'unaffected')).toMatchObject({ measuredMs: undefined, pass: null });
  });

  it('that nobody foresaw may last 200 ms', () => {
    expect(check({ outcome: 'unaffected' }, results(200))?.pass).toBe(true);
    expect(check({ outcome: 'unaffected' }, results(201))?.pass).toBe(false);
  });

  it('that was told to last must last', () => {
    expect(check({ outcome: 'stops' }, results(null))?.pass).toBe(true);
    expect(check({ outcome: 'stops' }, results(9_000))?.wrong).toEqual(['it came back by itself']);
  });

  it('of which the model cannot tell is not judged', () => {
    expect(check({ outcome: 'unknown' }, results(9_000))?.pass).toBeNull();
  });
});

describe('the winner', () => {
  const successors = ['results/b', 'results/c'];

  it('is one of the successors', () => {
    expect(check({ successors }, { winners: { results: 'results/c' } })?.pass).toBe(true);
    expect(check({ successors }, { winners: { results: 'results/a' } })?.wrong).toEqual(['results/a took over']);
    expect(check({ successors }, { winners: { results: null } })?.wrong).toEqual(['nobody took over']);
  });

  it('is not judged where nobody takes over', () => {
    expect(check({ successors, outcome: 'unaffected' }, { winners: { results: 'results/a' } })?.pass).toBeNull();
  });
});

describe('confirmed messages', () => {
  const layer = 'queues' as const;

  it('are lost only where that was told', () => {
    expect(check({ layer }, { lost: 0 })?.pass).toBe(true);
    expect(check({ layer }, { lost: 2 })?.wrong).toEqual(['2 confirmed messages lost']);
    expect(check({ layer, outcome: 'loses' }, { lost: 2 })?.pass).toBeNull();
  });
});

describe('what a forecast does not name', () => {
  it('must go on unaffected', () => {
    const untold = (ms: number) => checksOf({ effects: [] }, { ...NOTHING, ...results(ms) });
    expect(untold(100).map(({ pass }) => pass)).toEqual([true, true]);
    expect(untold(300)).toMatchObject([{ pass: true }, { subject: 'proxies/haproxy-2', wrong: ['it was out'] }]);
    expect(checksOf({ effects: [effect({})] }, { ...NOTHING, ...results(300) })).toHaveLength(1);
  });
});

it('queues that are led elsewhere are told apart from those that lose their leader', () => {
  const outages = { queues: { led: 1_500, kept: 50 } };
  const queues = (outcome: Effect['outcome']) =>
    effect({ layer: 'queues', subject: { kind: 'brokerClusters', id: 'rabbitmq' }, outcome });
  const both = checksOf({ effects: [queues('takes-over'), queues('unaffected')] }, { ...NOTHING, outages });
  expect(both.map(({ measuredMs, pass }) => [measuredMs, pass])).toEqual([
    [1_500, true],
    [50, true],
  ]);
  const one = checksOf({ effects: [queues('unaffected')] }, { ...NOTHING, outages });
  expect(one.map(({ measuredMs, pass }) => [measuredMs, pass])).toEqual([
    [50, true],
    [1_500, false],
  ]);
});

it('a forecast came as told when nothing is wrong and something was measured', () => {
  const unmeasured = effect({ layer: 'failover', outcome: 'unaffected' });
  const measured = { ...NOTHING, ...results(100) };
  const fine = effect({ outcome: 'unaffected' });
  const wrong = effect({ outcome: 'stops' });
  expect(cameAsTold(checksOf({ effects: [unmeasured] }, NOTHING))).toBe(false);
  expect(cameAsTold(checksOf({ effects: [unmeasured, fine] }, measured))).toBe(true);
  expect(cameAsTold(checksOf({ effects: [fine, wrong] }, measured))).toBe(false);
});
