/** Celery's events as they lie in a queue: what the benches record, make up and publish. */
import type { Channel, ConfirmChannel, Options } from 'amqplib';

/** The exchange to which Celery publishes events. */
export const EVENT_EXCHANGE = 'celeryev';
/** The queue in which Trellis has them kept. */
export const TRELLIS_QUEUE = 'trellis.events';

/** One message on the event exchange. */
export type EventMessage = {
  readonly routingKey: string;
  /** The header `hostname`: who publishes. */
  readonly hostname: string;
  /** JSON: an event, or an array of them. */
  readonly body: string;
};

/** A Celery event: these fields are common to all, the others depend on its type. */
export type CeleryEvent = { type: string; hostname: string; pid: number; timestamp: number; [field: string]: unknown };

/** Messages that are under way at a time: more would only grow this process. */
const WINDOW = 2_000;

/** The events of a message. @throws SyntaxError when it is not JSON */
export function eventsOf({ body }: EventMessage): readonly CeleryEvent[] {
  return [JSON.parse(body)].flat() as CeleryEvent[];
}

/** A message as Celery's dispatchers publish it: one event alone, or a batch of a worker's task events. */
export function messageOf(events: CeleryEvent | readonly CeleryEvent[]): EventMessage {
  const isBatch = Array.isArray(events);
  const first = (isBatch ? events[0] : events) as CeleryEvent;
  const routingKey = isBatch ? 'task.multi' : first.type.replaceAll('-', '.');
  return { routingKey, hostname: first.hostname, body: JSON.stringify(events) };
}

/** The properties that Celery gives an event. */
export function propertiesOf(hostname: string): Options.Publish {
  return {
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    persistent: false,
    priority: 0,
    headers: { hostname },
  };
}

/**
 * Publishes events to their exchange. On a channel with confirms it returns when the broker has taken all; on one without,
 * as Celery's own, it cannot tell. @throws Error when the broker refuses, or the channel has ended
 */
export async function publishEvents(
  channel: Channel | ConfirmChannel,
  messages: readonly EventMessage[],
): Promise<void> {
  for (let at = 0; at < messages.length; at += WINDOW) {
    for (const { routingKey, hostname, body } of messages.slice(at, at + WINDOW)) {
      channel.publish(EVENT_EXCHANGE, routingKey, Buffer.from(body), propertiesOf(hostname));
    }
    if ('waitForConfirms' in channel) await channel.waitForConfirms();
  }
}
