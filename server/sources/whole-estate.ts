/** For tests: the whole lab as its recorded answers, through the real parsers and reducers. */
import type { Host } from '#lib/model/model.ts';
import type { SourceKind } from '#lib/model/reading.ts';
import { type FoldState, fold, type Reducers, startFold } from '#server/model/fold.ts';
import type { Observation } from '#server/model/observation.ts';
import { celeryReduce } from './celery/reduce.ts';
import { lockKeyPayload, membersPayload, raftPayload, sessionsPayload } from './consul/payloads.ts';
import { consulReduce } from './consul/reduce.ts';
import { FIXTURE_AT, FIXTURE_CONTEXT, fixtureJson, fixtureText } from './fixture.ts';
import { statsPayload } from './haproxy/payloads.ts';
import { haproxyReduce } from './haproxy/reduce.ts';
import { consumersPayload, nodesPayload, queuesPayload } from './rabbitmq/payloads.ts';
import { rabbitmqReduce } from './rabbitmq/reduce.ts';
import { dataEndpointId, sentinelEndpointId } from './redis/endpoint-id.ts';
import { sentinelPayload } from './redis/observe.ts';
import { infoPayload } from './redis/payloads.ts';
import { redisReduce } from './redis/reduce.ts';

const NUMBERS = [1, 2, 3] as const;
const service = { sentinels: NUMBERS.map((n) => `127.0.1.${n}:26379`), master: 'results', nodes: [] };
const proxies = NUMBERS.map((n) => ({ name: `haproxy-${n}`, socket: `127.0.1.${n}:9999` }));
const agents = NUMBERS.map((n) => `http://127.0.1.${n}:8500`);
const nodes = Object.fromEntries(
  NUMBERS.map((n) => [`rabbit-${n}@host-${n}`, { management: `http://127.0.1.${n}:15672`, amqp: `127.0.1.${n}:5672` }]),
);

/** The reducers for the lab's configuration. */
export const LAB_REDUCERS: Reducers = {
  rabbitmq: rabbitmqReduce({ nodes }),
  redis: redisReduce({ results: service }),
  haproxy: haproxyReduce(proxies.map((config) => ({ id: config.name, config }))),
  consul: consulReduce({ agents }),
  celery: celeryReduce,
};

export const LAB_HOSTS: Readonly<Record<string, Host>> = FIXTURE_CONTEXT.hosts;

/** Every endpoint's recorded answers, all at `FIXTURE_AT`, with the intervals that they are asked at. */
export function wholeObservations(): Observation[] {
  return [...rabbitmq(), ...redis(), ...haproxy(), ...consul()];
}

/** The lab, whole. */
export function wholeEstate(): FoldState {
  return wholeObservations().reduce(
    (state, observation) => fold(state, observation, LAB_REDUCERS),
    startFold(LAB_HOSTS, LAB_REDUCERS),
  );
}

function said(source: SourceKind, endpoint: string, reading: string, data: unknown): Observation {
  return { source, endpoint, reading, intervalMs: 1_000, at: FIXTURE_AT, tookMs: 1, ok: true, data };
}

function rabbitmq(): Observation[] {
  const file = (name: string) => fixtureJson(`rabbitmq/fixtures/3.10/${name}`);
  return [
    ...Object.keys(nodes).flatMap((id) => [
      said('rabbitmq', id, 'nodes', nodesPayload.parse(file('nodes-live.json'))),
      said('rabbitmq', id, 'amqp', { blocked: null, events: 'on' }),
    ]),
    said('rabbitmq', 'cluster', 'queues', queuesPayload.parse(file('queues-live.json'))),
    said('rabbitmq', 'cluster', 'consumers', consumersPayload.parse(file('consumers.json'))),
  ];
}

function redis(): Observation[] {
  const file = (name: string) => fixtureJson(`redis/fixtures/7.0/${name}`);
  const services = [{ service: 'results', config: service }];
  const view = sentinelPayload(services, file('sentinel-masters.json'), [
    file('sentinel-replicas.json'),
    file('sentinel-sentinels.json'),
  ]);
  const info = infoPayload(fixtureText('redis/fixtures/7.0/info.txt'));
  const master = view[0]?.master?.address;
  const own = (address: string) =>
    address === master
      ? { ...info, role: 'master' as const, linkUp: null, masterAddress: null, priority: null }
      : { ...info, role: 'replica' as const, linkUp: true, masterAddress: master ?? null };
  return [
    ...service.sentinels.map((address) => said('redis', sentinelEndpointId(address), 'masters', view)),
    ...NUMBERS.map((n) => `127.0.1.${n}:6379`).map((address) =>
      said('redis', dataEndpointId('results', address), 'info', own(address)),
    ),
  ];
}

function haproxy(): Observation[] {
  const stats = statsPayload(fixtureText('haproxy/fixtures/2.6/show-stat.csv'));
  // Recorded on host-1; every host's proxy has its own broker as the primary.
  const asOn = (n: number) => ({
    servers: stats.servers.map((row) =>
      row.backend === 'amqp' ? { ...row, backup: row.name !== `rabbit-${n}` } : row,
    ),
  });
  return NUMBERS.map((n) => said('haproxy', `haproxy-${n}`, 'stats', asOn(n)));
}

function consul(): Observation[] {
  const file = (name: string) => fixtureJson(`consul/fixtures/1.8/${name}`);
  const key = lockKeyPayload.parse((file('lock.json') as unknown[])[0]);
  const lock = { id: 'beat', key: 'celery/beat', session: key?.Session ?? null, lockIndex: key?.LockIndex ?? null };
  return [
    ...agents.flatMap((agent) => [
      said('consul', new URL(agent).host, 'leader', file('leader.json')),
      said('consul', new URL(agent).host, 'members', membersPayload.parse(file('members.json'))),
    ]),
    said('consul', 'cluster', 'raft', raftPayload.parse(file('raft.json'))),
    said('consul', 'cluster', 'locks', { sessions: sessionsPayload.parse(file('sessions.json')), locks: [lock] }),
  ];
}
