import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { openQuietProxy, type QuietProxy } from './drills-planted-source.ts';

const ADDRESS = '127.0.0.1';
const ROUNDS = 20;
const open: (Server | Socket | QuietProxy)[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) {
    if ('destroy' in one) one.destroy();
    else await one.close();
  }
});

/** A server that answers everything with itself, and what it was told. */
async function echo(): Promise<{ port: number; told: string[] }> {
  const told: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      told.push(chunk.toString());
      socket.write(chunk);
    });
  });
  server.listen(0, ADDRESS);
  await once(server, 'listening');
  open.push(server);
  return { port: (server.address() as AddressInfo).port, told };
}

async function client(port: number): Promise<Socket> {
  const socket = connect(port, ADDRESS);
  socket.on('error', () => undefined);
  open.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function answerTo(socket: Socket, question: string): Promise<string> {
  socket.write(question);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

it('passes on while nobody hushes it, and nothing of what was said while it was silent', async () => {
  const { port, told } = await echo();
  const proxy = await openQuietProxy(ADDRESS, port);
  open.push(proxy);
  const before = await client(proxy.port);
  expect(await answerTo(before, 'before')).toBe('before');

  proxy.hush();
  const meanwhile = await client(proxy.port);
  const answers: unknown[] = [];
  for (const socket of [before, meanwhile]) socket.on('data', (chunk) => answers.push(chunk));
  await new Promise((resolve) => before.write('swallowed', resolve));
  await new Promise((resolve) => meanwhile.write('swallowed', resolve));
  // The server answers others all the while; what was swallowed would long have come to it.
  const other = await client(port);
  for (let n = 0; n < ROUNDS; n += 1) expect(await answerTo(other, 'past the proxy')).toBe('past the proxy');

  const cut = Promise.all([once(before, 'close'), once(meanwhile, 'close')]);
  proxy.speak();
  await cut;
  expect(await answerTo(await client(proxy.port), 'after')).toBe('after');
  expect(answers).toEqual([]);
  expect(new Set(told)).toEqual(new Set(['before', 'past the proxy', 'after']));
});
