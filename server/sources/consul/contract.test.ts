import { expect, onTestFinished, test } from 'vitest';
import { HTTP_FAULTS, serveHttp } from '#server/sources/fault-http.ts';
import { PLANTED } from '#server/sources/fault-server.ts';
import { fixtureText } from '#server/sources/fixture.ts';
import { fuzzContract } from '#server/sources/fuzz-contract.ts';
import { takeReading } from '#server/sources/scheduler.ts';
import type { Probe } from '#server/sources/source.ts';
import { type SourceHarness, sourceContract } from '#server/sources/source-contract.ts';
import { consulSource } from './source.ts';

const PAGES: Readonly<Record<string, string>> = {
  '/v1/status/leader': 'leader',
  '/v1/status/peers': 'peers',
  '/v1/agent/members': 'members',
  '/v1/agent/self': 'self',
  '/v1/session/list': 'sessions',
  '/v1/kv/celery/beat/.lock': 'lock',
  '/v1/kv/celery': 'lock',
  '/v1/operator/raft/configuration': 'raft',
  '/v1/operator/autopilot/health': 'autopilot-health',
  '/v1/catalog/services': 'services',
  '/v1/health/state/any': 'checks',
};

test('a lock whose key is not answered as a list is not a free lock', async () => {
  const server = await serveHttp((url) => (url.pathname.startsWith('/v1/kv/') ? '{"Errors":1}' : '[]'));
  onTestFinished(() => server.stop());
  const { kind, endpoints } = harness.open(server.address);
  const probe = endpoints.flatMap((endpoint) => endpoint.probes).find(({ name }) => name === 'locks') as Probe;
  const reading = await takeReading(kind, 'cluster', probe, new AbortController().signal, Date.now);
  expect(reading).toMatchObject({ ok: false, code: 'protocol' });
});

const harness: SourceHarness = {
  title: 'Consul 1.8',
  serve: () =>
    serveHttp((url) => {
      const file = PAGES[decodeURIComponent(url.pathname)];
      return file === undefined ? null : fixtureText(`consul/fixtures/1.8/${file}.json`);
    }),
  open: (address) =>
    consulSource(
      { agents: [`http://${address}`], token: PLANTED.token, locks: { beat: 'celery/beat' }, keys: ['celery'] },
      Date.now,
    ),
  faults: HTTP_FAULTS,
  // An unhealthy autopilot answers 429; its body must make sense, though. No key below a prefix is no failure.
  exceptions: { 429: { autopilot: 'protocol' }, 404: { keys: 'ok' } },
  poolsIdle: true,
};

sourceContract(harness);
fuzzContract(harness, ['consul-2', 'celery-beat', 'serfHealth']);
