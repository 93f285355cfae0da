import { RESP_FAULTS, type Reply, serveResp } from '#server/sources/fault-resp.ts';
import { PLANTED } from '#server/sources/fault-server.ts';
import { fixtureJson, fixtureText } from '#server/sources/fixture.ts';
import { fuzzContract } from '#server/sources/fuzz-contract.ts';
import { type SourceHarness, sourceContract } from '#server/sources/source-contract.ts';
import { EVENTS_READING } from './event-feed.ts';
import { redisSource } from './source.ts';

const FILES = 'redis/fixtures/7.0';
const json = (file: string) => fixtureJson(`${FILES}/${file}.json`) as Reply;
const text = (file: string) => fixtureText(`${FILES}/${file}.txt`);

const SENTINEL: Readonly<Record<string, () => Reply>> = {
  PING: () => 'PONG',
  INFO: () => text('sentinel-info'),
  'SENTINEL MASTERS': () => json('sentinel-masters'),
  'SENTINEL REPLICAS': () => json('sentinel-replicas'),
  'SENTINEL SENTINELS': () => json('sentinel-sentinels'),
  'SENTINEL CKQUORUM': () => text('sentinel-ckquorum').trim(),
};
const DATA: Readonly<Record<string, () => Reply>> = {
  PING: () => 'PONG',
  INFO: () => text('info'),
  ROLE: () => json('role'),
};

const serve = (replies: Readonly<Record<string, () => Reply>>) =>
  serveResp(([name = '', sub = '']) => (replies[`${name} ${sub}`] ?? replies[name])?.());

const CREDENTIALS = {
  user: PLANTED.user,
  password: PLANTED.password,
  sentinelUser: PLANTED.user,
  sentinelPassword: PLANTED.password,
};

const sentinel: SourceHarness = {
  title: 'Redis 7.0, a Sentinel',
  serve: () => serve(SENTINEL),
  open: (address) =>
    redisSource({ results: { sentinels: [address], master: 'results', nodes: [], ...CREDENTIALS } }, Date.now),
  asks: (_endpointId, reading) => reading !== EVENTS_READING,
  faults: RESP_FAULTS,
  poolsIdle: false,
};

const dataNode: SourceHarness = {
  title: 'Redis 7.0, a data node',
  serve: () => serve(DATA),
  open: (address) =>
    redisSource(
      { results: { sentinels: ['127.0.0.1:1'], master: 'results', nodes: [address], ...CREDENTIALS } },
      Date.now,
    ),
  asks: (endpointId) => !endpointId.startsWith('sentinel@'),
  faults: RESP_FAULTS,
  poolsIdle: false,
};

for (const harness of [sentinel, dataNode]) {
  sourceContract(harness);
  fuzzContract(harness, []);
}
