/** Against a loopback server that lets one in: what is opened then ends with its connection, or in time. */
import type { Socket } from 'node:net';
import type { ChannelModel } from 'amqplib';
import { expect, onTestFinished, test } from 'vitest';
import { listenLoopback } from '#server/sources/fault-server.ts';
import { brokerAddress } from './addresses.ts';
import { connectTo, whileConnected } from './connection.ts';
import { letsIn } from './loopback-broker.ts';

const LOGIN = { user: 'u', password: 'p', vhost: '/' };

async function connected(then: (socket: Socket) => void) {
  const server = await listenLoopback((socket) => letsIn(socket, () => then(socket)));
  onTestFinished(() => server.stop());
  const address = brokerAddress(`amqp://${server.address}`);
  if (address === null) throw new Error('no address');
  const model = await connectTo(address, LOGIN, 'test');
  model.on('error', () => undefined);
  return model;
}

async function openAndClose(model: ChannelModel): Promise<void> {
  const channel = await model.createChannel();
  await channel.close();
}

test('a channel that is being closed when the connection goes ends with it', async () => {
  const model = await connected((socket) => socket.resetAndDestroy());
  const why = () => new Error('cut');
  await expect(whileConnected(model, openAndClose(model), { why })).rejects.toThrow('cut');
});

test('a channel of which nothing more is heard is waited for as long as is allowed', async () => {
  const model = await connected(() => {});
  await expect(whileConnected(model, openAndClose(model), { limitMs: 100 })).rejects.toThrow('does not answer');
});
