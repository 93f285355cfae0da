import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { ProbeCode } from '#lib/model/reading.ts';
import { drip, listenLoopback, PLANTED } from '#server/sources/fault-server.ts';
import { recordPush } from '#server/sources/push-recorder.ts';
import { takeReading } from '#server/sources/scheduler.ts';
import { createAmqpWatch } from './amqp-watch.ts';

const CONFIG = { user: PLANTED.user, password: PLANTED.password, vhosts: ['/'], nodes: {} };

/** What answers on the AMQP port, and the code that the reading must end with. */
const ANSWERS: readonly (readonly [string, ProbeCode, (socket: Socket) => void])[] = [
  ['nobody answers', 'timeout', () => {}],
  ['a web server', 'protocol', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['a broker of another protocol version', 'protocol', (socket) => socket.end('AMQP\u0001\u0001\u0000\u000a')],
  ['a drip of bytes that means nothing', 'protocol', (socket) => drip(socket, '\u0007')],
  ['a hang-up', 'reset', (socket) => socket.end()],
  ['a reset', 'reset', (socket) => socket.resetAndDestroy()],
];

test.each(ANSWERS)('%s: fails as %s, and leaves no connection behind', async (_what, code, answer) => {
  const server = await listenLoopback((socket) => {
    socket.once('data', () => answer(socket));
  });
  onTestFinished(() => server.stop());
  const watch = createAmqpWatch('rabbit@t', server.address, CONFIG);
  onTestFinished(() => watch.close());
  watch.subscribe(recordPush().report);
  const probe = { name: 'amqp', intervalMs: 1_000, timeoutMs: 5_000, ask: watch.ask };
  const reading = await takeReading('rabbitmq', 'rabbit@t', probe, new AbortController().signal, Date.now);
  expect(reading).toMatchObject({ ok: false, code });
  expect(JSON.stringify(reading)).not.toContain(PLANTED.password);
  watch.close();
  await server.noneLeft('open');
});

test('nobody listening: fails as refused', async () => {
  const server = await listenLoopback(() => {});
  await server.stop();
  const watch = createAmqpWatch('rabbit@t', server.address, CONFIG);
  onTestFinished(() => watch.close());
  watch.subscribe(recordPush().report);
  const probe = { name: 'amqp', intervalMs: 1_000, timeoutMs: 5_000, ask: watch.ask };
  const reading = await takeReading('rabbitmq', 'rabbit@t', probe, new AbortController().signal, Date.now);
  expect(reading).toMatchObject({ ok: false, code: 'refused' });
});
