import { expect, test } from 'vitest';
import type { BrokerAddress } from '#server/amqp/addresses.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { type Link, type LinkEvents, startConsumer } from './consumer.ts';

const ADDRESSES = ['a:1', 'b:1', 'c:1'].map((name): BrokerAddress => {
  const [hostname = '', port] = name.split(':');
  return { name, hostname, port: Number(port), tls: false };
});
const QUEUE = { name: 'trellis.events', mode: 'quorum', reason: null, waiting: 0 } as const;

/** Lets what was promised happen. */
const settle = async () => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

function setUp({ random = 0, allDown = false } = {}) {
  const clock = manualClock();
  const tried: { name: string; at: number; after: number | null }[] = [];
  const down = new Set(allDown ? ADDRESSES.map(({ name }) => name) : []);
  const opened: { link: Link; events: LinkEvents; closed: boolean }[] = [];
  const lost: [string, string | null][] = [];
  const taken: number[] = [];
  const errors: unknown[] = [];
  const state = { after: null as number | null, breaks: false };
  const consumer = startConsumer({
    addresses: ADDRESSES,
    clock,
    random: () => random,
    after: () => state.after,
    async open({ name }, after, events) {
      tried.push({ name, at: clock.now(), after });
      if (down.has(name)) throw new Error(`nobody listens on ${name}`);
      const one = {
        closed: false,
        events,
        link: {
          via: name,
          queue: QUEUE,
          acknowledge() {},
          waiting: async () => 0,
          stopConsuming: async () => {},
          async close() {
            one.closed = true;
          },
        },
      };
      opened.push(one);
      return one.link;
    },
    onDelivery({ tag }) {
      if (state.breaks) throw new Error('unforeseen');
      taken.push(tag);
    },
    onOpen: () => {
      if (state.breaks) throw new Error('unforeseen');
    },
    onLost(cause, via) {
      lost.push([cause.message, via]);
      if (state.breaks) throw new Error('unforeseen');
    },
    onError: (error) => errors.push(error),
  });
  const names = () => tried.map(({ name }) => name);
  const last = () => opened.at(-1) as (typeof opened)[number];
  return { clock, tried, opened, lost, taken, errors, state, consumer, names, last };
}

const delivery = (tag: number) => ({ body: new Uint8Array(), tag, redelivered: false, offset: null });

test('after a loss the next address is tried at once', async () => {
  const { clock, names, last, lost, consumer } = setUp();
  await settle();
  clock.advance(60_000);
  last().events.lost(new Error('cut'));
  expect(consumer.link).toBeNull();
  clock.advance(0);
  await settle();
  expect(names()).toEqual(['a:1', 'b:1']);
  expect(consumer.link?.via).toBe('b:1');
  expect(lost).toEqual([['cut', 'a:1']]);
});

test('dead addresses are passed without a pause; after a round of them the pauses grow from 0.5 s to 15 s', async () => {
  const { clock, tried, lost } = setUp({ allDown: true });
  await settle();
  for (let i = 0; i < 900; i += 1) {
    clock.advance(100);
    await settle();
  }
  const rounds = tried.filter(({ name }) => name === 'a:1').map(({ at }) => at);
  const pauses = rounds.slice(1).map((at, i) => at - (rounds[i] ?? 0));
  expect(pauses[0]).toBeLessThan(1_000);
  expect(pauses.slice(0, 5)).toEqual([...pauses.slice(0, 5)].sort((a, b) => a - b));
  expect(Math.max(...pauses)).toBeLessThan(16_000);
  expect(Math.max(...pauses)).toBeGreaterThanOrEqual(15_000);
  expect(lost[0]).toEqual(['nobody listens on c:1', null]);
});

test('pauses differ by chance, so that many do not come back at the same moment', async () => {
  const firstPause = async (random: number) => {
    const { clock, tried } = setUp({ random, allDown: true });
    for (let i = 0; i < 100; i += 1) {
      await settle();
      clock.advance(10);
    }
    return tried.filter(({ name }) => name === 'a:1')[1]?.at;
  };
  expect(await firstPause(0)).not.toBe(await firstPause(0.9));
});

test('links that are lost as soon as they open do not become a storm', async () => {
  const { clock, opened, last } = setUp();
  await settle();
  for (let ms = 0; ms < 10_000; ms += 100) {
    if (!last().closed) last().events.lost(new Error('cut'));
    clock.advance(100);
    await settle();
  }
  expect(opened.length).toBeLessThan(30);
});

test('a consumer that the broker cancels is declared again at the same address', async () => {
  const { clock, names, last, opened } = setUp();
  await settle();
  clock.advance(10_000);
  last().events.cancelled();
  clock.advance(0);
  await settle();
  expect(names()).toEqual(['a:1', 'a:1']);
  expect(opened[0]?.closed).toBe(true);
});

test('what is thrown while a message is taken ends nothing', async () => {
  const { last, state, errors, taken, consumer } = setUp();
  await settle();
  state.breaks = true;
  expect(() => last().events.delivery(delivery(1))).not.toThrow();
  state.breaks = false;
  last().events.delivery(delivery(2));
  expect([errors.length, taken, consumer.link?.via]).toEqual([1, [2], 'a:1']);
});

test('what is thrown while a loss is told does not end the trying', async () => {
  const { clock, state, errors, names, last } = setUp();
  await settle();
  state.breaks = true;
  last().events.lost(new Error('cut'));
  clock.advance(60_000);
  await settle();
  expect(names()).toEqual(['a:1', 'b:1']);
  expect(errors).toHaveLength(2);
});

test('messages of a link that has ended are not taken: they come again', async () => {
  const { last, taken } = setUp();
  await settle();
  last().events.lost(new Error('cut'));
  last().events.delivery(delivery(1));
  expect(taken).toEqual([]);
});

test('a stream is continued after the last stored offset, as it is at that moment', async () => {
  const { clock, tried, last, state } = setUp();
  await settle();
  state.after = 41;
  clock.advance(10_000);
  last().events.lost(new Error('cut'));
  clock.advance(0);
  expect(tried.map(({ after }) => after)).toEqual([null, 41]);
});

test('after close nothing is opened any more, and what was just being opened is closed', async () => {
  const { clock, consumer, opened, tried } = setUp();
  const closing = consumer.close();
  await settle();
  await closing;
  clock.advance(60_000);
  await settle();
  expect(tried).toHaveLength(1);
  expect(opened.every(({ closed }) => closed)).toBe(true);
});
