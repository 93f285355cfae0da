/** The recording of real events that the ingest bench replays: made once on the lab, kept in a file. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { labContext } from '#lab/context.ts';
import type { BenchContext } from './bench.ts';
import { waitUntil } from './clock.ts';
import { openBroker } from './event-broker.ts';
import { EVENT_EXCHANGE, type EventMessage } from './event-message.ts';
import { extentOf } from './event-rewriting.ts';
import { benchFile, startTraffic } from './task-load.ts';

/** So many real events are wanted; fewer than the least are no recording. */
const EVENTS = 300_000;
const LEAST_EVENTS = 30_000;
/** About what the workers take on two processors. */
const TASKS_PER_SECOND = 300;
/** No longer: what the workers cannot keep up with waits, and must be worked off before the recording ends. */
const LOAD_LIMIT_MS = 600_000;

/** The recording; made now where there is none, or where `again` is asked for. */
export async function recordingOf(context: BenchContext): Promise<readonly EventMessage[]> {
  const file = benchFile(context, 'events.ndjson.gz');
  if (context.options.again) rmSync(file, { force: true });
  if (!existsSync(file)) writeFileSync(file, gzipSync(encode(await record(context))));
  return decode(gunzipSync(readFileSync(file)).toString());
}

/** Takes down every event while real workers run short tasks as fast as they can. @throws Error when there are too few */
async function record(context: BenchContext): Promise<EventMessage[]> {
  const { lab, say } = context;
  say(`recording ${EVENTS} events of the lab's workers`);
  const connection = await openBroker(labContext(lab.paths), 'host-1');
  context.atEnd('recorder closed', () => connection.close());
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, EVENT_EXCHANGE, '#');
  const messages: EventMessage[] = [];
  let events = 0;
  const take = (routingKey: string, hostname: unknown, body: string) => {
    messages.push({ routingKey, hostname: String(hostname), body });
    events += [JSON.parse(body)].flat().length;
  };
  const { consumerTag } = await channel.consume(
    queue,
    (message) => {
      if (message === null) return;
      take(message.fields.routingKey, message.properties.headers?.hostname, message.content.toString());
    },
    { noAck: true },
  );
  const load = startTraffic(context, TASKS_PER_SECOND);
  await waitUntil(() => events >= EVENTS, LOAD_LIMIT_MS, 500);
  const { tasksPerSecond } = await load.drain();
  say(`${Math.round(tasksPerSecond)} tasks/s were published`);
  await channel.cancel(consumerTag);
  const { count, from, to } = extentOf(messages);
  say(`recorded ${count} events in ${messages.length} messages, ${Math.round(to - from)} s`);
  if (count < LEAST_EVENTS) throw new Error(`only ${count} events were recorded; ${LEAST_EVENTS} are needed`);
  return messages;
}

function encode(messages: readonly EventMessage[]): string {
  return messages.map(({ routingKey, hostname, body }) => JSON.stringify([routingKey, hostname, body])).join('\n');
}

function decode(text: string): EventMessage[] {
  return text.split('\n').map((line) => {
    const [routingKey, hostname, body] = JSON.parse(line) as [string, string, string];
    return { routingKey, hostname, body };
  });
}
