import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { watchHttpServers } from './http-servers.ts';

async function setUp() {
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: false });
  const ask = () =>
    new Promise<number | string | undefined>((resolve) => {
      const request = get({ host: '127.0.0.1', port, agent }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode));
      });
      request.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
  return ask;
}

test('closed, no server takes connections; only one that nobody had asked before answers one more request', async () => {
  const servers = watchHttpServers();
  const [askOne, askOther] = await Promise.all([setUp(), setUp()]);
  expect(await askOne()).toBe(200);
  expect(await askOne()).toBe(200);
  servers.close();
  expect(await askOne()).toBe('ECONNREFUSED');
  expect(await askOther()).toBe(200);
  expect(await askOther()).toBe('ECONNREFUSED');
});
