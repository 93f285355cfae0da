/** What the plan of a proxy's crash says about results. */
import { expect, test } from 'vitest';
import { drillsConfig } from '#server/drills/config.ts';
import { whole } from '#server/drills/guard-fixture.ts';
import { changed, NOW } from '#server/sources/told-estate.ts';
import { proxyCrash } from './proxy-crash.ts';

const means = {
  ...{ rabbitmq: true, entrances: true, socketProblem: () => null, verbs: () => ['kill', 'start'] },
  preview: (verb: string) => [verb],
};
const warningsOf = (model: typeof whole) =>
  proxyCrash.aim('haproxy-1', { model, now: NOW, settings: drillsConfig.parse({}), means })?.warnings ?? [];

test('a proxy that starts among replicas may lose results, and the plan says why and what helps', () => {
  expect(warningsOf(whole).join()).toMatch(/sends them to replicas.*init-state fully-down/);
});

test('one that knows a single Redis cannot', () => {
  const backends = (whole.proxies['haproxy-1']?.backends ?? []).map((one) =>
    one.carries === 'results' ? { ...one, servers: one.servers.slice(0, 1) } : one,
  );
  expect(warningsOf(changed(whole, 'proxies', 'haproxy-1', { backends })).join()).not.toContain('replicas');
});
