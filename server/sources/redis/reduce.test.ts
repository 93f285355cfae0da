import { expect, test } from 'vitest';
import { answered, FIXTURE_CONTEXT, fixtureJson, fixtureText } from '#server/sources/fixture.ts';
import { dataEndpointId, sentinelEndpointId } from './endpoint-id.ts';
import { sentinelPayload } from './observe.ts';
import { infoPayload, type SentinelPayload } from './payloads.ts';
import { redisReduce } from './reduce.ts';

const FILES = 'redis/fixtures/7.0';
const SENTINELS = [1, 2, 3].map((n) => `127.0.1.${n}:26379`);
const service = { sentinels: SENTINELS, master: 'results', nodes: [] };
const reduce = redisReduce({ results: service });

const recorded = sentinelPayload(
  [{ service: 'results', config: service }],
  fixtureJson(`${FILES}/sentinel-masters.json`),
  [fixtureJson(`${FILES}/sentinel-replicas.json`), fixtureJson(`${FILES}/sentinel-sentinels.json`)],
);
const info = infoPayload(fixtureText(`${FILES}/info.txt`));
const sentinel = (address: string, data: SentinelPayload) =>
  answered('redis', sentinelEndpointId(address), 'masters', data);

test('Redis 7.0 under three Sentinels, recorded: one master in everybody’s word, two replicas, all up', () => {
  const slice = reduce(
    SENTINELS.map((address) => sentinel(address, recorded)),
    FIXTURE_CONTEXT,
  );
  const masters = new Set(slice.redisServices?.results?.master.map((claim) => claim.value));
  expect(masters.size).toBe(1);
  const nodes = Object.values(slice.redisNodes ?? {});
  expect(nodes.map((node) => node.host)).toEqual(['host-1', 'host-2', 'host-3']);
  for (const node of nodes) {
    const role = masters.has(node.address) ? 'master' : 'replica';
    expect(node.role.map((claim) => claim.value)).toEqual([role, role, role]);
    expect(node.up.map((claim) => claim.value)).toEqual([true, true, true]);
  }
  expect(slice.redisServices?.results).toMatchObject({
    ...{ quorum: 2, downAfterMs: 2_000, failoverTimeoutMs: 10_000 },
  });
});

test('a node’s own word stands beside the Sentinels’', () => {
  const address = '127.0.1.1:6379';
  const own = answered('redis', dataEndpointId('results', address), 'info', info);
  const node = reduce([sentinel(SENTINELS[0] as string, recorded), own], FIXTURE_CONTEXT).redisNodes?.[
    `results/${address}`
  ];
  expect(node?.role[0]).toEqual({ by: own.reading.key, value: info.role });
  expect(node).toMatchObject({ version: '7.0.15', linkUp: info.linkUp });
  expect(node).toMatchObject({ priority: 100, wantsReplicas: false, appendOnly: true });
});

test('whether a node refuses writes without replicas is told by the count that only such a node has', () => {
  const text = fixtureText(`${FILES}/info.txt`);
  const refusing = infoPayload(text.replace(/connected_slaves:\d+/, '$&\r\nmin_slaves_good_slaves:2'));
  expect([info.wantsReplicas, refusing.wantsReplicas]).toEqual([false, true]);
  expect(infoPayload('role:master').wantsReplicas).toBeNull();
});

test('a master has no rank for promotion, and a node without an append-only file says so', () => {
  expect(infoPayload('role:master\r\nslave_priority:100').priority).toBeNull();
  expect(infoPayload('role:slave\r\nslave_priority:0\r\naof_enabled:0')).toMatchObject({
    priority: 0,
    appendOnly: false,
  });
  expect(infoPayload('role:slave')).toMatchObject({ priority: null, appendOnly: null });
});

test('settings that an answer of an older shape lacks are not told', () => {
  const { priority: _p, wantsReplicas: _w, appendOnly: _a, ...older } = info;
  const address = '127.0.1.1:6379';
  const own = answered('redis', dataEndpointId('results', address), 'info', older);
  const node = reduce([sentinel(SENTINELS[0] as string, recorded), own], FIXTURE_CONTEXT).redisNodes?.[
    `results/${address}`
  ];
  expect(node).toMatchObject({ priority: null, wantsReplicas: null, appendOnly: null });
});

test('an objectively down master is claimed down by the Sentinel that says so, and by no other', () => {
  const down = structuredClone(recorded);
  down[0]?.master?.flags.push('s_down', 'o_down');
  const slice = reduce(
    [sentinel(SENTINELS[0] as string, down), sentinel(SENTINELS[1] as string, recorded)],
    FIXTURE_CONTEXT,
  );
  const master = Object.values(slice.redisNodes ?? {}).find((node) =>
    node.role.some((claim) => claim.value === 'master'),
  );
  expect(master?.up.map((claim) => claim.value)).toEqual([false, true]);
});

test('a Sentinel that does not know the service says so, and is no witness for a master', () => {
  const [masters, replicas] = [
    fixtureJson(`${FILES}/sentinel-masters.json`),
    fixtureJson(`${FILES}/sentinel-replicas.json`),
  ];
  const other = { ...service, master: 'other' };
  const payload = sentinelPayload([{ service: 'results', config: other }], masters, [replicas, []]);
  expect(payload[0]?.master).toBeNull();
  const slice = reduce([sentinel(SENTINELS[0] as string, payload)], FIXTURE_CONTEXT);
  expect(slice.redisServices?.results?.master).toEqual([]);
  expect(slice.sentinels?.[SENTINELS[0] as string]?.views[0]?.masterAddress).toBeNull();
});
