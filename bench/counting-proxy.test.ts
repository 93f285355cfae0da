import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { httpProxy, Tally } from './counting-proxy.ts';

it('every answered request and every byte of the answers is counted, and what finds nobody is not', async () => {
  const server = createServer((_, response) => response.end('x'.repeat(10_000))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const tally = new Tally();
  const proxy = await httpProxy('127.0.0.1', `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tally);
  const ask = () => fetch(`http://127.0.0.1:${proxy.port}/api/nodes`).then((response) => response.text());

  for (let n = 0; n < 5; n += 1) expect(await ask()).toHaveLength(10_000);
  server.closeAllConnections();
  server.close();
  await expect(ask()).rejects.toThrow();
  await proxy.close();

  const always = [0, Number.POSITIVE_INFINITY] as const;
  expect(tally.requestsBetween(...always).map(({ what }) => what)).toEqual(Array(5).fill('GET /api/nodes'));
  expect(tally.bytesBetween(...always)).toBeGreaterThan(50_000);
  expect(tally.bytesBetween(...always)).toBeLessThan(55_000);
  expect(tally.unanswered).toBe(1);
  expect(tally.mostRequests(...always, 60_000)).toBe(5);
});
