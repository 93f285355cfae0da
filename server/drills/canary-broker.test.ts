/** The canaries' way in, against an entrance that lets one in and then hangs up. */
import { expect, onTestFinished, test } from 'vitest';
import { letsIn } from '#server/amqp/loopback-broker.ts';
import { systemClock } from '#server/runtime/clock.ts';
import { listenLoopback } from '#server/sources/fault-server.ts';
import { entranceOf, openCanaryBroker } from './canary-broker.ts';

test('an entrance that goes while a channel is being opened is tried again', async () => {
  let came = 0;
  const server = await listenLoopback((socket) => {
    came += 1;
    letsIn(socket, () => socket.resetAndDestroy());
  });
  onTestFinished(() => server.stop());
  const broker = openCanaryBroker({
    entrances: [entranceOf(`amqp://${server.address}`, undefined)],
    ...{ clock: systemClock(), random: () => 0 },
    ...{ onConfirmed() {}, onUnconfirmed() {}, onProblem() {} },
  });
  onTestFinished(() => broker.close());
  await expect.poll(() => came).toBeGreaterThan(2);
});
