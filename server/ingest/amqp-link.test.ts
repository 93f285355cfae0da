/** Against loopback servers that are no broker: what is said of them, and that nothing stays open. */
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { brokerAddress } from '#server/amqp/addresses.ts';
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

/** A frame of channel 0 with a method of the class `connection`, as AMQP 0-9-1 has it. */
function frame(method: number, ...fields: readonly Buffer[]): Buffer {
  const payload = Buffer.concat([Buffer.from([0, 10, 0, method]), ...fields]);
  const head = Buffer.alloc(7);
  head.writeUInt8(1, 0);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.from([0xce])]);
}

const long = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]);
const START = frame(10, Buffer.from([0, 9, 0, 0, 0, 0]), long('PLAIN'), long('en_US'));
const TUNE = frame(30, Buffer.from([7, 255, 0, 2, 0, 0, 0, 10]));
const OPENED = frame(41, Buffer.from([0]));
const has = (data: Buffer, method: number) => data.includes(Buffer.from([0, 10, 0, method]));

/** A broker that lets everybody in; `then` comes with the first word after that. */
function letsIn(socket: Socket, then: () => void): void {
  socket.on('data', (data) => {
    if (data.subarray(0, 4).toString() === 'AMQP') socket.write(START);
    else if (has(data, 11)) socket.write(TUNE);
    else if (has(data, 40)) socket.write(OPENED);
    else if (!has(data, 31) && data[0] === 1) then();
  });
}

test.each<[string, RegExp, (socket: Socket) => void]>([
  ['says nothing more', /does not answer$/, () => {}],
  ['hangs up', /cut the connection$|closed the connection$/, (socket) => socket.resetAndDestroy()],
])('a broker that lets one in and then %s is given up, so that the next is asked', async (_, says, then) => {
  const server = await listenLoopback((socket) => letsIn(socket, () => then(socket)));
  onTestFinished(() => server.stop());
  expect(await failureAt(server.address, 300)).toMatch(says);
});
