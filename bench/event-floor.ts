/**
 * The floor of the ingest bench, a process of its own: consumes events with amqplib, parses them as JSON, and does nothing else.
 * `node bench/event-floor.ts <lab directory> <events>`. It says `declared` when its queue is bound, begins at SIGUSR2, and
 * says `done` after so many events.
 */
import { once } from 'node:events';
import { labContext } from '#lab/context.ts';
import { labPaths } from '#lab/paths.ts';
import { openBroker } from './event-broker.ts';
import { EVENT_EXCHANGE } from './event-message.ts';

const PREFETCH = 2_000;
const ACKNOWLEDGE_EVERY = 200;

async function consume(labDir: string, wanted: number): Promise<void> {
  const begin = once(process, 'SIGUSR2');
  const connection = await openBroker(labContext(labPaths(labDir)), 'host-1');
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, EVENT_EXCHANGE, '#');
  await channel.prefetch(PREFETCH);
  process.stdout.write('declared\n');
  await begin;
  let events = 0;
  let messages = 0;
  await channel.consume(queue, (message) => {
    if (message === null) throw new Error('the queue is gone');
    events += [JSON.parse(message.content.toString())].flat().length;
    messages += 1;
    if (messages % ACKNOWLEDGE_EVERY === 0) channel.ack(message, true);
    if (events >= wanted) {
      wanted = Number.POSITIVE_INFINITY;
      process.stdout.write('done\n');
    }
  });
}

await consume(process.argv[2] ?? '', Number(process.argv[3]));
