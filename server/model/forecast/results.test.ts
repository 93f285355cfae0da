/** The result store. redis@host-2 is the master; three Sentinels with quorum 2 guard it. */
import { expect, test } from 'vitest';
import type { Effect, ForecastLayer } from '#lib/model/forecast.ts';
import type { Model } from '#lib/model/model.ts';
import { forecastsOf } from '#server/model/forecast.ts';
import { changed, NOW, silent, toldEstate } from '#server/sources/told-estate.ts';

const [REDIS_1, REDIS_2, REDIS_3] = [
  'results/127.0.1.1:6379',
  'results/127.0.1.2:6379',
  'results/127.0.1.3:6379',
] as const;
const OFFSET = toldEstate().redisNodes[REDIS_2]?.offset ?? 0;

function effectOn(layer: ForecastLayer, model: Model, failing = `redisNodes/${REDIS_2}`): Effect | undefined {
  return forecastsOf(model, NOW)[failing]?.effects.find((one) => one.layer === layer);
}

/** Every Sentinel that speaks calls this one down. */
function sentinelDown(model: Model, address: string): Model {
  const others = Object.values(model.sentinels).filter(({ id }) => id !== address);
  const key = model.sentinels[address]?.own;
  const up = others.map(({ own }) => ({ by: own, value: false }));
  return changed(
    silent(model, (one) => one === key),
    'sentinels',
    address,
    { up },
  );
}

test('a replica replaces the master: which one is not promised while they are even', () => {
  const effect = effectOn('results', toldEstate());
  expect(effect).toMatchObject({ outcome: 'takes-over', successors: [REDIS_1, REDIS_3], lostMessages: 0 });
  expect(effect?.outageMs?.from).toBeGreaterThanOrEqual(3_000);
  expect(effect?.outageMs?.to).toBeLessThanOrEqual(6_000);
});

test('the lowest priority comes first, and 0 never', () => {
  const lower = changed(toldEstate(), 'redisNodes', REDIS_3, { priority: 50 });
  expect(effectOn('results', lower)?.successors).toEqual([REDIS_3]);
  const never = changed(toldEstate(), 'redisNodes', REDIS_3, { priority: 0 });
  expect(effectOn('results', never)?.successors).toEqual([REDIS_1]);
});

test('a replica that is clearly behind is no successor, one that is behind by a moment is', () => {
  const behind = (bytes: number) => changed(toldEstate(), 'redisNodes', REDIS_3, { offset: OFFSET - bytes });
  expect(effectOn('results', behind(200_000))?.successors).toEqual([REDIS_1]);
  expect(effectOn('results', behind(5_000))?.successors).toEqual([REDIS_1, REDIS_3]);
});

test('writes are lost where every replica is far behind', () => {
  let model = toldEstate();
  for (const id of [REDIS_1, REDIS_3]) model = changed(model, 'redisNodes', id, { offset: OFFSET - 250_000 });
  expect(effectOn('results', model)).toMatchObject({ outcome: 'loses', lostMessages: null });
});

test('without a replica that may be promoted results stop', () => {
  let model = toldEstate();
  for (const id of [REDIS_1, REDIS_3]) model = changed(model, 'redisNodes', id, { priority: 0 });
  expect(effectOn('results', model)?.outcome).toBe('stops');
});

test('replicas that are silent, or not linked to the master, replace nothing for certain', () => {
  const mute = silent(toldEstate(), (key) => key.includes(REDIS_1) || key.includes(REDIS_3));
  expect(effectOn('results', mute)?.outcome).toBe('unknown');
  let cut = toldEstate();
  for (const id of [REDIS_1, REDIS_3]) cut = changed(cut, 'redisNodes', id, { linkUp: false });
  expect(effectOn('results', cut)?.outcome).toBe('unknown');
});

test('a successor that the proxies do not know serves nobody', () => {
  const model = toldEstate();
  const proxies = Object.values(model.proxies).map((proxy) => ({
    ...proxy,
    backends: proxy.backends.map((one) => ({ ...one, servers: one.servers.filter(({ name }) => name !== 'redis-1') })),
  }));
  const less = { ...model, proxies: Object.fromEntries(proxies.map((proxy) => [proxy.id, proxy])) };
  const only = changed(less, 'redisNodes', REDIS_1, { priority: 50 });
  expect(effectOn('results', only)?.outcome).toBe('stops');
});

test('with two masters the answer is not known', () => {
  const claim = { by: `redis/${REDIS_1}/info`, value: 'master' as const };
  expect(effectOn('results', changed(toldEstate(), 'redisNodes', REDIS_1, { role: [claim] }))).toMatchObject({
    outcome: 'unknown',
    text: 'Two nodes of Redis results call themselves master: which one counts cannot be told.',
  });
});

test('losing a replica is no outage, unless the master then refuses writes', () => {
  const replica = `redisNodes/${REDIS_1}`;
  const wants = changed(toldEstate(), 'redisNodes', REDIS_2, { wantsReplicas: true });
  expect(effectOn('results', wants, replica)?.outcome).toBe('unaffected');
  const { [REDIS_3]: _, ...two } = wants.redisNodes;
  expect(effectOn('results', { ...wants, redisNodes: two }, replica)?.outcome).toBe('stops');
  const careless = changed({ ...wants, redisNodes: two }, 'redisNodes', REDIS_2, { wantsReplicas: false });
  expect(effectOn('results', careless, replica)).toMatchObject({ outcome: 'unaffected' });
  expect(effectOn('results', careless, replica)?.text).toContain('alone, without a replica');
});

test('two Sentinels of three fail over, one does not', () => {
  expect(effectOn('results', toldEstate(), 'hosts/host-2')?.outcome).toBe('takes-over');
  const model = sentinelDown(toldEstate(), '127.0.1.3:26379');
  expect(effectOn('results', model, 'hosts/host-2')?.outcome).toBe('stops');
  expect(effectOn('failover', model, 'hosts/host-2')?.outcome).toBe('stops');
});

test('with a Sentinel silent no host with another one is safe to lose, and the text names it', () => {
  const model = silent(toldEstate(), (key) => key === 'redis/sentinel@127.0.1.3:26379/masters');
  const says = 'sentinel@host-3 has been silent for 42 s: counted as lost';
  for (const host of ['hosts/host-1', 'hosts/host-2']) {
    expect(forecastsOf(model, NOW)[host]?.outcome).toBe('unknown');
    expect(effectOn('failover', model, host)?.text).toContain(says);
  }
  expect(forecastsOf(model, NOW)['hosts/host-3']?.outcome).toBe('unaffected');
});

test('Sentinels that are too few are no outage as long as the master stays', () => {
  const model = sentinelDown(toldEstate(), '127.0.1.3:26379');
  const effect = effectOn('failover', model, 'sentinels/127.0.1.1:26379');
  expect(effect?.outcome).toBe('unaffected');
  expect(effect?.text).toContain('could no longer fail over');
});

test('a Sentinel in TILT mode, or without a quorum of its own, has no vote', () => {
  const tilted = changed(toldEstate(), 'sentinels', '127.0.1.3:26379', { tilt: true });
  expect(effectOn('results', tilted, 'hosts/host-2')?.outcome).toBe('unknown');
  const [view] = toldEstate().sentinels['127.0.1.3:26379']?.views ?? [];
  const views = view === undefined ? [] : [{ ...view, quorum: { ok: false, text: 'NOQUORUM' } }];
  const cut = changed(toldEstate(), 'sentinels', '127.0.1.3:26379', { views });
  expect(effectOn('results', cut, 'hosts/host-2')?.outcome).toBe('unknown');
});

test('a quorum above the majority binds too', () => {
  const model = changed(toldEstate(), 'redisServices', 'results', { quorum: 3 });
  expect(effectOn('results', model, 'hosts/host-2')?.outcome).toBe('stops');
});

test('a quorum below the majority is not enough', () => {
  const model = changed(toldEstate(), 'redisServices', 'results', { quorum: 1 });
  expect(effectOn('results', sentinelDown(model, '127.0.1.3:26379'), 'hosts/host-2')?.outcome).toBe('stops');
});
