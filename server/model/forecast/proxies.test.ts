/** Publishing, when broker nodes fail. Each proxy sends to the broker node of its own host, the others are backups. */
import { expect, test } from 'vitest';
import type { Effect } from '#lib/model/forecast.ts';
import type { ProxyServer } from '#lib/model/haproxy.ts';
import type { Model } from '#lib/model/model.ts';
import { forecastsOf } from '#server/model/forecast.ts';
import { brokerDown, handling, NOW, RABBIT_1, RABBIT_2, silent, toldEstate } from '#server/sources/told-estate.ts';

function publish(model: Model, failing = `brokerNodes/${RABBIT_1}`): Effect[] {
  return forecastsOf(model, NOW)[failing]?.effects.filter(({ layer }) => layer === 'publish') ?? [];
}

/** The model with the broker's servers of all proxies as `edit` makes them. */
function withServers(model: Model, edit: (server: ProxyServer) => ProxyServer): Model {
  const proxies = Object.values(model.proxies).map((proxy) => ({
    ...proxy,
    backends: proxy.backends.map((one) =>
      one.carries === 'broker' ? { ...one, servers: one.servers.map(edit) } : one,
    ),
  }));
  return { ...model, proxies: Object.fromEntries(proxies.map((proxy) => [proxy.id, proxy])) };
}

test('the first usable backup takes over, within what the checks of the proxy tell', () => {
  const effects = publish(toldEstate());
  expect(effects).toHaveLength(1);
  expect(effects[0]).toMatchObject({
    ...{ outcome: 'takes-over', successors: ['rabbit-2'], outageMs: { from: 2_000, to: 3_700 } },
    subject: { kind: 'proxies', id: 'haproxy-1', part: 'amqp' },
  });
});

test('a backup that is not usable is passed over', () => {
  const model = withServers(toldEstate(), (server) => ({ ...server, usable: server.name !== 'rabbit-2' }));
  expect(publish(model)[0]?.successors).toEqual(['rabbit-3']);
});

test('usable actives come before backups', () => {
  const model = withServers(toldEstate(), (server) => ({ ...server, backup: server.name === 'rabbit-2' }));
  expect(publish(model)[0]?.successors).toEqual(['rabbit-3']);
});

test('without another usable server publishing stops', () => {
  const model = withServers(toldEstate(), (server) => ({ ...server, usable: server.name === 'rabbit-1' }));
  expect(publish(model).map(({ outcome }) => outcome)).toContain('stops');
});

test('without a known check interval it takes over all the same, and says that the time is not known', () => {
  const model = withServers(toldEstate(), (server) => ({ ...server, check: { ...server.check, intervalMs: null } }));
  const [effect] = publish(model);
  expect(effect).toMatchObject({ outcome: 'takes-over', outageMs: null });
  expect(effect?.text).toContain('check interval');
});

test('a server that is not checked is never left', () => {
  const model = withServers(toldEstate(), (server) => ({ ...server, check: { ...server.check, kind: 'none' } }));
  expect(publish(model)[0]?.outcome).toBe('stops');
});

test('a server whose node is silent is no survivor', () => {
  const model = silent(
    handling(toldEstate(), 'ignore'),
    (key) => key.includes(RABBIT_2) && key.startsWith('rabbitmq/'),
  );
  const [effect] = publish(model);
  expect(effect?.outcome).toBe('unknown');
  expect(effect?.text).toContain('rabbit-2 has been silent for 42 s: counted as lost');
});

test('where a silent proxy would send cannot be told', () => {
  const [effect] = publish(silent(toldEstate(), (key) => key === 'haproxy/haproxy-1/stats'));
  expect(effect).toMatchObject({ outcome: 'unknown', subject: { kind: 'proxies', id: 'haproxy-1' } });
});

test('publishing stops with a cluster that pauses itself', () => {
  const model = handling(brokerDown(toldEstate(), RABBIT_2), 'pause_minority');
  expect(publish(model)[0]?.outcome).toBe('stops');
  expect(publish(handling(toldEstate(), 'pause_minority'))[0]?.outcome).toBe('takes-over');
});
