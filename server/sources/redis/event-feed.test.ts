import { expect, onTestFinished, test } from 'vitest';
import { RESP_FAULTS, serveResp } from '#server/sources/fault-resp.ts';
import { LEAK, PLANTED } from '#server/sources/fault-server.ts';
import { recordPush } from '#server/sources/push-recorder.ts';
import { takeReading } from '#server/sources/scheduler.ts';
import { createEventFeed, EVENTS_READING } from './event-feed.ts';

const SHORT_MS = 200;

async function subscribed() {
  const server = await serveResp(([name]) =>
    name === 'PSUBSCRIBE' ? ['psubscribe', '*', 1] : name === 'PING' ? ['pong', ''] : undefined,
  );
  onTestFinished(() => server.stop());
  const feed = createEventFeed(server.address, { user: PLANTED.user, password: PLANTED.password }, Date.now);
  onTestFinished(() => feed.close());
  const pushed = recordPush();
  const ask = (timeoutMs = SHORT_MS) => {
    const probe = { name: EVENTS_READING, intervalMs: 1_000, timeoutMs, ask: feed.ask };
    return takeReading('redis', 'sentinel', probe, new AbortController().signal, Date.now);
  };
  return { server, feed, pushed, ask };
}

const opened = (n: number) => (pushed: ReturnType<typeof recordPush>) =>
  pushed.told.filter(({ outcome }) => 'data' in outcome).length >= n;
const failed = (pushed: ReturnType<typeof recordPush>) => pushed.told.some(({ outcome }) => 'code' in outcome);

test('a subscription that is cut is told at once, hurries the polls, and comes back by itself', async () => {
  const { server, feed, pushed, ask } = await subscribed();
  feed.subscribe(pushed.report);
  await pushed.until(opened(1));
  expect(await ask()).toMatchObject({ ok: true, data: [] });
  await server.stop();
  await pushed.until(failed);
  expect(pushed.hurries).toBe(1);
  expect(await ask()).toMatchObject({ ok: false });
  await server.start();
  await pushed.until(opened(2));
  expect(pushed.hurries).toBe(2);
  expect(await ask()).toMatchObject({ ok: true });
});

test('a Sentinel that hangs is noticed by the next question, and its connection given up for a new one', async () => {
  const { server, feed, pushed, ask } = await subscribed();
  feed.subscribe(pushed.report);
  await pushed.until(opened(1));
  server.fault = 'no-answer';
  expect(await ask()).toMatchObject({ ok: false, code: 'timeout' });
  expect(pushed.told.at(-1)?.outcome).toEqual({ code: 'timeout' });
  await server.noneLeft('busy');
  server.fault = null;
  await pushed.until(opened(2));
  expect(await ask()).toMatchObject({ ok: true });
});

test.each(Object.entries(RESP_FAULTS).filter(([, code]) => code === 'auth' || code === 'forbidden'))(
  '%s: a refused subscription fails as %s without its secrets, and is tried again',
  async (fault, code) => {
    const { server, feed, pushed, ask } = await subscribed();
    server.fault = fault;
    feed.subscribe(pushed.report);
    const reading = await ask(5_000);
    expect(reading).toMatchObject({ ok: false, code });
    for (const secret of [PLANTED.password, LEAK]) expect(JSON.stringify(reading)).not.toContain(secret);
    server.fault = null;
    await pushed.until(opened(1));
    expect(await ask()).toMatchObject({ ok: true });
  },
);

test('closing ends the connection and every attempt to make one', async () => {
  const { server, feed, pushed } = await subscribed();
  feed.subscribe(pushed.report);
  await pushed.until(opened(1));
  feed.close();
  await server.noneLeft('open');
  expect(pushed.told.filter(({ outcome }) => 'code' in outcome)).toEqual([]);
});
