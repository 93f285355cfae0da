/** Consul, the lock and the beats. consul-2 leads; the beat of host-2 holds the lock, that of host-1 waits. */
import { expect, test } from 'vitest';
import type { Effect, ForecastLayer } from '#lib/model/forecast.ts';
import type { Model } from '#lib/model/model.ts';
import { forecastsOf } from '#server/model/forecast.ts';
import { changed, NOW, silent, toldEstate } from '#server/sources/told-estate.ts';

function effectOn(layer: ForecastLayer, model: Model, failing: string): Effect | undefined {
  return forecastsOf(model, NOW)[failing]?.effects.find((one) => one.layer === layer);
}

function serverDown(model: Model, id: string): Model {
  const alive = model.consulServers[id]?.alive.map(({ by }) => ({ by, value: false })) ?? [];
  return changed(model, 'consulServers', id, { alive });
}

test('losing a follower of Consul is no outage, losing its leader is a short one', () => {
  expect(effectOn('coordination', toldEstate(), 'consulServers/consul-1')?.outcome).toBe('unaffected');
  expect(effectOn('coordination', toldEstate(), 'consulServers/consul-2')).toMatchObject({
    ...{ outcome: 'takes-over', successors: ['consul-1', 'consul-3'], outageMs: { from: 2_200, to: 4_200 } },
  });
});

test('without a majority of Consul nothing holds a lock', () => {
  const model = serverDown(toldEstate(), 'consul-3');
  const effect = effectOn('coordination', model, 'consulServers/consul-1');
  expect(effect?.outcome).toBe('stops');
  expect(effect?.text).toContain('consul-3 is down already.');
  expect(effectOn('schedule', model, 'consulServers/consul-1')?.outcome).toBe('stops');
});

test('a silent Consul server is no survivor', () => {
  const model = silent(toldEstate(), (key) => key.startsWith('consul/127.0.1.3'));
  expect(effectOn('coordination', model, 'consulServers/consul-1')?.outcome).toBe('unknown');
  expect(effectOn('coordination', model, 'consulServers/consul-3')?.outcome).toBe('unaffected');
});

test('the word of one agent alone, without leader and voters, is not enough', () => {
  const readings = Object.fromEntries(
    Object.entries(toldEstate().readings).filter(
      ([key]) => !key.startsWith('consul/') || key === 'consul/127.0.1.1:8500/members',
    ),
  );
  const servers = Object.values(toldEstate().consulServers).map((server) => [server.id, { ...server, voter: null }]);
  const model = { ...toldEstate(), readings, consulServers: Object.fromEntries(servers) } as Model;
  for (const id of ['hosts/host-1', 'hosts/host-2', 'hosts/host-3', 'consulServers/consul-1']) {
    expect(effectOn('coordination', model, id)?.outcome, id).toBe('unknown');
    expect(forecastsOf(model, NOW)[id]?.outcome, id).toBe('unknown');
  }
});

test('before any agent has named its servers no host is safe to lose', () => {
  const model = { ...toldEstate(), consulServers: {} };
  expect(effectOn('coordination', model, 'hosts/host-1')?.outcome).toBe('unknown');
});

test('Consul without a leader stands still before anything fails', () => {
  const leader = toldEstate().coordinators.consul?.leader.map(({ by }) => ({ by, value: '' })) ?? [];
  const model = changed(toldEstate(), 'coordinators', 'consul', { leader });
  expect(effectOn('coordination', model, 'consulServers/consul-1')?.outcome).toBe('stops');
});

test('a standby gets the lock once the session of a dead beat has expired', () => {
  expect(effectOn('schedule', toldEstate(), 'beats/beat@host-2')).toMatchObject({
    ...{ outcome: 'takes-over', successors: ['beat@host-1'], outageMs: { from: 37_500, to: 46_000 } },
  });
});

test('it gets it sooner where the host of the beat, or its Consul agent, dies', () => {
  for (const failing of ['hosts/host-2', 'consulServers/consul-2']) {
    expect(effectOn('schedule', toldEstate(), failing)?.outageMs, failing).toEqual({ from: 18_000, to: 25_000 });
  }
});

test('without the times of its session the takeover is not timed', () => {
  const model = changed(toldEstate(), 'locks', 'beat', { times: null });
  expect(effectOn('schedule', model, 'beats/beat@host-2')).toMatchObject({ outcome: 'takes-over', outageMs: null });
});

test('without a standby that is left the schedule stops', () => {
  const gone = changed(toldEstate(), 'beats', 'beat@host-1', { goneSince: NOW });
  expect(effectOn('schedule', gone, 'beats/beat@host-2')?.outcome).toBe('stops');
  expect(effectOn('schedule', toldEstate(), 'hosts/host-1+hosts/host-2')?.outcome).toBe('stops');
});

test('a standby whose Consul agent is silent may not get it', () => {
  const model = silent(toldEstate(), (key) => key.startsWith('consul/127.0.1.1'));
  expect(effectOn('schedule', model, 'beats/beat@host-2')?.outcome).toBe('unknown');
});

test('losing the standby is no outage, and says that nobody waits any more', () => {
  const effect = effectOn('schedule', toldEstate(), 'beats/beat@host-1');
  expect(effect).toMatchObject({
    outcome: 'unaffected',
    text: 'Lock beat stays with beat@host-2, and nobody would wait for it.',
  });
});

test('a lock that nobody holds schedules nothing before anything fails', () => {
  const model = changed(toldEstate(), 'locks', 'beat', { holder: null });
  expect(effectOn('schedule', model, 'beats/beat@host-1')?.outcome).toBe('stops');
});

test('while nobody tells who holds the lock the schedule is not known', () => {
  const model = silent(toldEstate(), (key) => key === 'consul/cluster/locks');
  expect(effectOn('schedule', model, 'hosts/host-2')).toMatchObject({
    ...{ outcome: 'unknown', text: 'The word on who holds lock beat is 42 s old: who would schedule cannot be told.' },
  });
});

test('while the list of voters is old a majority cannot be told', () => {
  const model = silent(toldEstate(), (key) => key === 'consul/cluster/raft');
  expect(effectOn('coordination', model, 'consulServers/consul-1')?.outcome).toBe('unknown');
});
