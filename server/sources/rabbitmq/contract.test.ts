import { expect, test } from 'vitest';
import { HTTP_FAULTS, serveHttp } from '#server/sources/fault-http.ts';
import { PLANTED } from '#server/sources/fault-server.ts';
import { fixtureText } from '#server/sources/fixture.ts';
import { fuzzContract } from '#server/sources/fuzz-contract.ts';
import { type SourceHarness, sourceContract } from '#server/sources/source-contract.ts';
import { effectiveConfigPayload, policiesPayload } from './payloads.ts';
import { rabbitmqSource } from './source.ts';

test('a policy with a bottomless definition does not reach the model', () => {
  const depth = 100_000;
  const policy = `{"name":"p","vhost":"/","pattern":".*","apply-to":"queues","priority":0,"definition":{"ha-mode":"all","x":DEEP}}`;
  const answer = JSON.parse(`[${policy.replace('DEEP', () => '['.repeat(depth) + ']'.repeat(depth))}]`);
  expect(policiesPayload.parse(answer)[0]?.definition).toEqual({ 'ha-mode': 'all', x: null });
});

const NODE = 'rabbit-1@host-1';
const PAGES: Readonly<Record<string, string>> = {
  '/api/overview': 'overview',
  '/api/whoami': 'whoami',
  '/api/nodes': 'nodes-live',
  [`/api/nodes/${encodeURIComponent(NODE)}`]: 'node-own',
  '/api/queues': 'queues-stats',
  '/api/queues?disable_stats=true': 'queues-live',
  '/api/consumers': 'consumers',
  '/api/connections': 'connections',
  '/api/policies': 'policies',
  '/api/feature-flags': 'feature-flags',
  '/api/health/checks/node-is-mirror-sync-critical': 'mirror-sync-critical',
  '/api/health/checks/node-is-quorum-critical': 'quorum-critical',
};

/** Not recorded: the lab's version does not tell it. RabbitMQ writes it with `io_lib:format("~p~n", …)`. */
const EFFECTIVE_CONFIG = `[{os_mon,[{start_cpu_sup,false}]},
 {rabbit,
     [{cluster_partition_handling,pause_minority},
      {default_pass,<<"${PLANTED.password}">>},
      {tcp_listeners,[5672]}]},
 {ranch,[]}]
`;

test('of the effective configuration only how partitions are handled is kept', () => {
  expect(effectiveConfigPayload(EFFECTIVE_CONFIG)).toEqual({ partitionHandling: 'pause_minority' });
  const other = (mode: string) => effectiveConfigPayload(EFFECTIVE_CONFIG.replace('pause_minority', mode));
  expect(other("\n          {pause_if_all_down,['rabbit@a'],ignore}")).toEqual({
    partitionHandling: 'pause_if_all_down',
  });
  expect(other('<<"of a later version">>')).toEqual({ partitionHandling: null });
});

test('an effective configuration that was cut short, or is none, is refused without a word of what it says', () => {
  for (const text of ['<html>', EFFECTIVE_CONFIG.slice(0, -20), `${PLANTED.password}]`]) {
    expect(() => effectiveConfigPayload(text)).toThrow(/^\/api\/config\/effective: expected Erlang terms$/);
  }
});

const harness: SourceHarness = {
  title: 'RabbitMQ 3.10',
  serve: () =>
    serveHttp((url) => {
      if (url.pathname === '/api/config/effective') return EFFECTIVE_CONFIG;
      const file = PAGES[url.pathname + url.search] ?? PAGES[url.pathname];
      return file === undefined ? null : fixtureText(`rabbitmq/fixtures/3.10/${file}.json`);
    }),
  open: (address) =>
    rabbitmqSource(
      {
        user: PLANTED.user,
        password: PLANTED.password,
        vhosts: ['/'],
        nodes: { [NODE]: { management: `http://${address}` } },
      },
      Date.now,
    ),
  faults: HTTP_FAULTS,
  // A check that a version lacks, and one that fails, are answers; the body of the failing one must make sense, though.
  // What only administrators may see, or a version lacks, is done without.
  exceptions: {
    401: { 'feature-flags': 'ok', config: 'ok' },
    403: { 'feature-flags': 'ok', config: 'ok' },
    404: { critical: 'ok', 'feature-flags': 'ok', config: 'ok' },
    503: { critical: 'protocol' },
  },
  poolsIdle: true,
};

sourceContract(harness);
fuzzContract(harness, ['celery@host-1', 'rabbit-2@host-2', 'rabbit-3@host-3']);
