import { HTTP_FAULTS, serveHttp } from '#server/sources/fault-http.ts';
import { LINE_FAULTS, serveLines } from '#server/sources/fault-line.ts';
import { PLANTED } from '#server/sources/fault-server.ts';
import { fixtureText } from '#server/sources/fixture.ts';
import { fuzzContract } from '#server/sources/fuzz-contract.ts';
import { type SourceHarness, sourceContract } from '#server/sources/source-contract.ts';
import { haproxySource } from './source.ts';

const FILES = 'haproxy/fixtures/2.6';
const ANSWERS: Readonly<Record<string, string>> = {
  'show stat': 'show-stat.csv',
  'show info': 'show-info.txt',
  'show servers state': 'show-servers-state.txt',
};

const page: SourceHarness = {
  title: 'HAProxy 2.6 by its stats page',
  serve: () => serveHttp((url) => (url.pathname === '/;csv' ? fixtureText(`${FILES}/stats.csv`) : null)),
  open: (address) =>
    haproxySource(
      [{ name: 'haproxy-1', stats: `http://${address}/;csv`, user: PLANTED.user, password: PLANTED.password }],
      Date.now,
    ),
  faults: HTTP_FAULTS,
  poolsIdle: true,
};

const socket: SourceHarness = {
  title: 'HAProxy 2.6 by its runtime socket',
  serve: () =>
    serveLines((command) => (ANSWERS[command] === undefined ? null : fixtureText(`${FILES}/${ANSWERS[command]}`))),
  open: (address) => haproxySource([{ name: 'haproxy-1', socket: address }], Date.now),
  faults: LINE_FAULTS,
  poolsIdle: false,
};

for (const harness of [page, socket]) {
  sourceContract(harness);
  fuzzContract(harness, []);
}
