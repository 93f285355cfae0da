import { expect, onTestFinished, test } from 'vitest';
import { listenLoopback } from '#server/sources/fault-server.ts';
import { redisConnection } from './connection.ts';

/** Says OK to everything; `cut` is asked for every question with the number of its connection and of the question on it. */
async function connected(cut: (connection: number, question: number) => boolean) {
  let connections = 0;
  const server = await listenLoopback((socket) => {
    const connection = ++connections;
    let questions = 0;
    socket.on('data', (chunk: Buffer) => {
      for (const [command] of chunk.toString('latin1').matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        const isQuestion = /info$/i.test(command);
        if (isQuestion && cut(connection, ++questions)) return void socket.resetAndDestroy();
        socket.write('+OK\r\n');
      }
    });
  });
  onTestFinished(() => server.stop());
  const redis = redisConnection(server.address, {});
  onTestFinished(() => redis.close());
  const ask = () => redis.ask([['info']], new AbortController().signal);
  return { ask, connections: () => connections };
}

test('a connection that worked and is then cut is replaced within the same question', async () => {
  const { ask, connections } = await connected((connection, question) => connection === 1 && question === 2);
  await ask();
  expect(await ask()).toEqual(['OK']);
  expect(connections()).toBe(2);
});

test('a fresh connection that is cut is a failure, and is not tried a third time', async () => {
  const { ask, connections } = await connected((connection, question) => connection > 1 || question === 2);
  await ask();
  await expect(ask()).rejects.toThrow();
  expect(connections()).toBe(2);
});
