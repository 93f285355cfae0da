import { expect, test } from 'vitest';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { createPidboxClient, type PidboxCall } from './pidbox-client.ts';

/** A broker with workers that answer when told. */
function broker() {
  const clock = manualClock(1_000_000);
  const published: { ticket: string }[] = [];
  const ways: { reply: (body: string, ticket?: string) => void; lose: (cause: Error) => void; closed: boolean }[] = [];
  let gate: Promise<void> = Promise.resolve();
  let refusal: Error | null = null;
  const client = createPidboxClient(async (onReply, onLost) => {
    await gate;
    const way = {
      reply(body: string, ticket = published.at(-1)?.ticket) {
        onReply(new TextEncoder().encode(body), { ticket, clock: 1 });
      },
      lose: onLost,
      closed: false,
    };
    ways.push(way);
    return {
      replyTo: 'trellis.reply.1',
      publish(body) {
        if (refusal !== null) throw refusal;
        published.push(JSON.parse(new TextDecoder().decode(body)));
      },
      close: () => {
        way.closed = true;
        // As a connection does that was closed.
        onLost(new Error('the connection was closed'));
      },
    };
  }, clock);
  const call = (destination = ['w1', 'w2'], rest: Partial<PidboxCall> = {}) =>
    client.call({
      ...{ method: 'query_task', arguments: {}, destination, expected: destination, timeoutMs: 2_000 },
      ...{ expiresAt: 1_060_000, ...rest },
    });
  return {
    ...{ clock, published, ways, client, call },
    refusePublishing: (cause: Error) => {
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

test('late answers, those to somebody else, of somebody who was not asked, and garbage change nothing', async () => {
  const { call, clock, ways, published } = broker();
  const first = call();
  await turn();
  clock.advance(2_000);
  await first;
  const late = published[0]?.ticket;
  const second = call();
  await turn();
  const [way] = ways;
  way?.reply('{"w1": {"late": []}}', late);
  way?.reply('{"w1": {"foreign": []}}', 'another ticket');
  way?.reply('{"stranger": {}}');
  for (const garbage of ['', 'x', '[]', '7', 'null', '{"w1"', '\u0000']) way?.reply(garbage);
  clock.advance(2_000);
  const { replies, silent } = await second;
  expect([replies.size, silent]).toEqual([0, ['w1', 'w2']]);
});

test('one connection serves many calls, and is closed when nobody calls any more', async () => {
  const { call, ways, clock, published } = broker();
  for (let i = 0; i < 3; i++) {
    const calling = call(['w1']);
    await turn();
    ways[0]?.reply('{"w1": {}}');
    await calling;
  }
  expect([ways.length, published.length, ways[0]?.closed]).toEqual([1, 3, false]);
  clock.advance(60_000);
  await turn();
  expect(ways[0]?.closed).toBe(true);
});

test('the time for answers begins when it is sent', async () => {
  const { call, clock, ways, hold } = broker();
  const open = hold();
  const calling = call();
  clock.advance(9_000);
  open();
  await turn();
  clock.advance(1_999);
  ways[0]?.reply('{"w2": {}}');
  clock.advance(1);
  const { replies, silent } = await calling;
  expect([[...replies.keys()], silent]).toEqual([['w2'], ['w1']]);
});

test('a connection that is not made in time is given up for all who wait, and closed when it is made after all', async () => {
  const { call, clock, ways, published, hold } = broker();
  const open = hold();
  const both = [call(), call()];
  clock.advance(10_000);
  for (const one of both) {
    const says = 'Nothing was sent: no broker answered within 10 s';
    await expect(one).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE', sent: false, message: says });
  }
  open();
  const next = call(['w1']);
  await turn();
  expect([ways.map(({ closed }) => closed), published.length]).toEqual([[true, false], 1]);
  ways[1]?.reply('{"w1": {}}');
  expect((await next).replies.size).toBe(1);
});

test('where connecting is timed, too, a connection that takes longer serves the next call', async () => {
  const { call, clock, ways, published, hold } = broker();
  const open = hold();
  const first = call(['w1'], { isConnectingTimed: true });
  clock.advance(2_000);
  await expect(first).rejects.toThrow('the broker did not answer within 2 s');
  const second = call(['w1'], { isConnectingTimed: true });
  clock.advance(1_500);
  open();
  await turn();
  expect([ways.length, published.length]).toEqual([1, 1]);
  clock.advance(500);
  expect((await second).silent).toEqual(['w1']);
});

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
  'one that is opened just as the time is over (%i turns before): what is told as not sent was not',
  async (turns) => {
    const { call, clock, published, hold } = broker();
    const open = hold();
    const calling = call(['w1'], { isConnectingTimed: true });
    open();
    for (let i = 0; i < turns; i++) await Promise.resolve();
    clock.advance(2_000);
    const isSent = await calling.then(
      () => true,
      (error: { sent: boolean }) => error.sent,
    );
    expect(published.length).toBe(isSent ? 1 : 0);
  },
);

test('closing ends what is under way, tells whether it was sent, and closes the connection', async () => {
  const { call, ways, client } = broker();
  const sent = call();
  await turn();
  const unsent = call();
  client.close();
  await expect(sent).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE', sent: true, cause: new Error('closed') });
  await expect(unsent).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE', sent: false, cause: new Error('closed') });
  await turn();
  expect(ways.map(({ closed }) => closed)).toEqual([true]);
});

test('a connection that ends as it is written to: nothing was sent', async () => {
  const { call, refusePublishing } = broker();
  refusePublishing(new Error('Channel closed'));
  const says = 'Nothing was sent: Channel closed';
  await expect(call()).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE', sent: false, message: says });
});

test('what cannot be said in JSON is the mistake of who calls, not of the broker', async () => {
  const { call, published } = broker();
  await expect(call(['w1'], { arguments: { n: 1n } })).rejects.toThrow(TypeError);
  expect(published).toEqual([]);
});
