import { describe, expect, test } from 'vitest';
import type { PidboxWire } from '#server/amqp/pidbox-client.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { createInspector, INSPECT_VERBS, type InspectVerb } from './inspect.ts';

type Published = { method: string; destination: string[]; ticket: string; reply_to: object; arguments: object };

/** A broker with workers that answer when told. */
function broker() {
  const clock = manualClock(1_000_000);
  const published: { body: Published; headers: Record<string, unknown> }[] = [];
  const ways: { reply: (body: string, ticket?: string) => void; lose: (cause: Error) => void; closed: boolean }[] = [];
  let refusal: Error | null = null;
  let gate: Promise<void> = Promise.resolve();
  const inspector = createInspector(async (onReply, onLost) => {
    await gate;
    if (refusal !== null) throw refusal;
    const way = {
      reply(body: string, ticket = published.at(-1)?.body.ticket) {
        onReply(new TextEncoder().encode(body), { ticket, clock: 1 });
      },
      lose: onLost,
      closed: false,
    };
    ways.push(way);
    const wire: PidboxWire = {
      replyTo: 'trellis.reply.1',
      publish: (body, headers) => published.push({ body: JSON.parse(new TextDecoder().decode(body)), headers }),
      close: () => {
        way.closed = true;
      },
    };
    return wire;
  }, clock);
  const ask = (destination = ['w1', 'w2'], verb: InspectVerb = 'query_task') =>
    inspector.ask({ verb, arguments: { ids: ['a'] }, destination, timeoutMs: 2_000 });
  return {
    ...{ clock, published, ways, inspector, ask },
    refuse: (cause: Error | null) => {
      refusal = cause;
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
  };
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('ends as soon as everybody who was asked has answered', async () => {
  const { ask, published, ways } = broker();
  const asking = ask();
  await turn();
  ways[0]?.reply('{"w1": {"a": ["active", {}]}}');
  ways[0]?.reply('{"w2": {}}');
  const { replies, silent } = await asking;
  expect(Object.fromEntries(replies)).toEqual({ w1: { a: ['active', {}] }, w2: {} });
  expect(silent).toEqual([]);
  expect(published[0]?.body).toMatchObject({
    ...{ method: 'query_task', arguments: { ids: ['a'] }, destination: ['w1', 'w2'] },
    reply_to: { exchange: '', routing_key: 'trellis.reply.1' },
  });
  expect(published[0]?.headers.expires).toBe(1_060);
});

test('ends at the time limit with those who answered, and names those who did not', async () => {
  const { ask, clock, ways } = broker();
  const asking = ask();
  await turn();
  ways[0]?.reply('{"w2": {}}');
  clock.advance(2_000);
  const { replies, silent } = await asking;
  expect([[...replies.keys()], silent]).toEqual([['w2'], ['w1']]);
});

describe('what is no question is refused before anything is sent', () => {
  test.each([
    'shutdown',
    'revoke',
    'terminate',
    'pool_grow',
    'rate_limit',
    'add_consumer',
    'enable_events',
    'nosuch',
    '',
  ])('%s', async (verb) => {
    const { ask, published, ways } = broker();
    await expect(ask(['w1'], verb as InspectVerb)).rejects.toThrow('is no question');
    expect([published, ways]).toEqual([[], []]);
  });

  test('and the list holds none that changes a worker', () => {
    expect(
      INSPECT_VERBS.filter((verb) =>
        /shutdown|revoke$|terminate|limit|pool|consumer|event|election|heartbeat/.test(verb),
      ),
    ).toEqual([]);
  });
});

test('nobody to ask is an answer, without a connection', async () => {
  const { ask, ways } = broker();
  expect(await ask([])).toEqual({ replies: new Map(), silent: [] });
  expect(ways).toEqual([]);
});

test('a broker that refuses is said, and the next question tries again', async () => {
  const { ask, refuse, ways } = broker();
  refuse(new Error('RabbitMQ refuses'));
  await expect(ask()).rejects.toThrow('RabbitMQ refuses');
  refuse(null);
  const asking = ask(['w1']);
  await turn();
  ways[0]?.reply('{"w1": {}}');
  expect((await asking).replies.size).toBe(1);
});

test('a connection that is lost ends the question at once with its cause, and the next opens another', async () => {
  const { ask, ways } = broker();
  const asking = ask();
  await turn();
  ways[0]?.lose(new Error('Heartbeat timeout'));
  await expect(asking).rejects.toThrow('Heartbeat timeout');
  const again = ask(['w1']);
  await turn();
  ways[1]?.reply('{"w1": {}}');
  expect((await again).replies.size).toBe(1);
});

test('a broker that does not even connect costs no more than the time limit', async () => {
  const { ask, clock, hold } = broker();
  const open = hold();
  const asking = ask();
  await turn();
  clock.advance(2_000);
  await expect(asking).rejects.toThrow('the broker did not answer within 2 s');
  open();
});

test('closing ends what is under way and the connection', async () => {
  const { ask, ways, inspector } = broker();
  const asking = ask();
  await turn();
  inspector.close();
  await expect(asking).rejects.toThrow('closed');
  await turn();
  expect(ways[0]?.closed).toBe(true);
});
