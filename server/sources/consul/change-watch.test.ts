import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { recordPush } from '#server/sources/push-recorder.ts';
import { createRequestLog } from '#server/sources/request-log.ts';
import { followChanges } from './change-watch.ts';
import { consulClient } from './client.ts';

type Asked = { index: number; answer(index: number | null, status?: number): void };

/** An agent whose answers the test gives one by one. */
async function agent() {
  const asked: Asked[] = [];
  let wake = Promise.withResolvers<void>();
  const server: Server = createServer((request, response: ServerResponse) => {
    asked.push({
      index: Number(new URL(request.url ?? '', 'http://agent').searchParams.get('index') ?? 0),
      answer(index, status = 200) {
        response.writeHead(status, index === null ? {} : { 'x-consul-index': String(index) });
        response.end('[]');
      },
    });
    wake.resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const next = async (): Promise<Asked> => {
    while (asked.length === 0) {
      await wake.promise;
      wake = Promise.withResolvers<void>();
    }
    wake = Promise.withResolvers<void>();
    return asked.shift() as Asked;
  };
  return { client: consulClient(url, undefined, createRequestLog(Date.now)), next };
}

async function following() {
  const agents = [await agent(), await agent()] as const;
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  const pushed = recordPush();
  const news: number[] = [];
  const ended = followChanges(
    '/session/list',
    agents.map(({ client }) => client),
    pushed.report,
    (agent) => news.push(agent),
    stopping.signal,
  );
  return { first: agents[0], second: agents[1], pushed, news, stopping, ended };
}

test('waits on the index that it was given, and reports only a change of it', async () => {
  const { first, pushed, news } = await following();
  (await first.next()).answer(7);
  const waiting = await first.next();
  expect(waiting.index).toBe(7);
  expect(news).toEqual([]);
  expect(pushed.hurries).toBe(0);
  waiting.answer(7);
  const again = await first.next();
  expect(again.index).toBe(7);
  expect(pushed.hurries).toBe(0);
  again.answer(9);
  await pushed.until(({ hurries }) => hurries === 1);
  expect(news).toEqual([0]);
  expect((await first.next()).index).toBe(9);
});

test.each([
  ['goes backwards', 3],
  ['is missing', null],
  ['is zero', 0],
])('an index that %s starts anew', async (_what, index) => {
  const { first } = await following();
  (await first.next()).answer(7);
  (await first.next()).answer(index);
  expect((await first.next()).index).toBe(0);
});

test('a key that does not exist is waited for', async () => {
  const { first, pushed } = await following();
  (await first.next()).answer(5, 404);
  const waiting = await first.next();
  expect(waiting.index).toBe(5);
  waiting.answer(6);
  await pushed.until(({ hurries }) => hurries === 1);
});

test('an agent that refuses is left for the next one, whose index is its own', async () => {
  const { first, second, pushed } = await following();
  (await first.next()).answer(7);
  (await first.next()).answer(null, 500);
  await pushed.until(({ nudges }) => nudges === 1);
  const asked = await second.next();
  expect(asked.index).toBe(0);
  asked.answer(2);
  expect((await second.next()).index).toBe(2);
});

test('ends at once when it is stopped while Consul holds the answer back', async () => {
  const { first, stopping, ended } = await following();
  (await first.next()).answer(7);
  await first.next();
  stopping.abort();
  await ended;
});
