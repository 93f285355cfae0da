/**
 * Keeps a Redis client from throwing outside of any call. ioredis 6 looks up the question that an answer belongs to, and
 * where there is none and the answer is nil it throws in a tick of its own: that would end the whole thread.
 */
import type { Redis } from 'ioredis';

type Waiting = { length: number; shift(): unknown };

/** The questions that wait for their answers. */
export function waitingQuestions(client: Redis): Waiting {
  return (client as unknown as { commandQueue: Waiting }).commandQueue;
}

/** Calls `onUnasked` for every answer without a question. To be called once the client is connected. */
export function refuseUnasked(client: Redis, onUnasked: () => void): void {
  const queue = waitingQuestions(client);
  const shift = queue.shift.bind(queue);
  // The queue is emptied too when the connection ends: then its end must show.
  let isReading = false;
  client.stream.prependListener('data', () => {
    isReading = true;
  });
  client.stream.on('data', () => {
    isReading = false;
  });
  const standIn = {
    command: {
      name: 'unasked',
      args: [],
      resolve: () => undefined,
      reject: (error: Error) => {
        if (error.name !== 'ReplyError') isReading = false;
      },
    },
  };
  queue.shift = () => {
    const next = shift();
    if (next !== undefined || !isReading) return next;
    onUnasked();
    return standIn;
  };
}
