/** Against loopback servers that are no broker: what is said of them, and that nothing stays open. */
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { brokerAddress } from '#server/amqp/addresses.ts';
import { letsIn } from '#server/amqp/loopback-broker.ts';
import { drip, LEAK, listenLoopback, PLANTED } from '#server/sources/fault-server.ts';
import { amqpLinks } from './amqp-link.ts';

const LOGIN = { user: PLANTED.user, password: PLANTED.password, vhost: '/' };
const QUEUE = { queue: 'trellis.events', exchange: 'celeryev', maxBytes: 1_000, mode: 'auto' } as const;

async function failureAt(address: string, limitMs?: number): Promise<string> {
  const events = { delivery: () => undefined, cancelled: () => undefined, lost: () => undefined };
  const parsed = brokerAddress(`amqp://${address}`);
  if (parsed === null) throw new Error('no address');
  const opened = amqpLinks(LOGIN, QUEUE, 'me', limitMs)(parsed, null, events);
  return opened.then(
    () => 'opened',
    (error: Error) => error.message,
  );
}

const ANSWERS: readonly (readonly [string, RegExp, (socket: Socket) => void])[] = [
  ['nobody answers', /does not answer$/, () => {}],
  ['a web server', /^127\.0\.0\.1:\d+: /, (socket) => socket.end(`HTTP/1.1 400 Bad Request\r\n\r\n${LEAK}`)],
  ['a drip of bytes that means nothing', /^127\.0\.0\.1:\d+: /, (socket) => drip(socket, '\u0007')],
  ['a reset', /cut the connection$/, (socket) => socket.resetAndDestroy()],
];

test.each(ANSWERS)(
  '%s: the failure names the address, no password, and nothing stays open',
  async (_, says, answer) => {
    const server = await listenLoopback((socket) => {
      socket.once('data', () => answer(socket));
    });
    onTestFinished(() => server.stop());
    const failure = await failureAt(server.address);
    expect(failure).toContain(server.address);
    expect(failure).toMatch(says);
    expect(failure).not.toContain(PLANTED.password);
    await server.noneLeft('open');
  },
);

test('nobody listens: it says so', async () => {
  const server = await listenLoopback(() => {});
  await server.stop();
  expect(await failureAt(server.address)).toBe(`nobody listens on ${server.address}`);
});

test('a port with the digits of a refusal is no refusal', async () => {
  expect(await failureAt('127.0.0.1:14030')).toBe('nobody listens on 127.0.0.1:14030');
});

test.each<[string, RegExp, (socket: Socket) => void]>([
  ['says nothing more', /does not answer$/, () => {}],
  [
    'hangs up while a channel is being closed',
    /cut the connection$|closed the connection$/,
    (socket) => socket.resetAndDestroy(),
  ],
])('a broker that lets one in and then %s is given up, so that the next is asked', async (_, says, then) => {
  const server = await listenLoopback((socket) => letsIn(socket, () => then(socket)));
  onTestFinished(() => server.stop());
  expect(await failureAt(server.address, 300)).toMatch(says);
});
