/** The intake while many events come. */
import { expect, test } from 'vitest';
import { BATCH_LIMITS } from './batches.ts';
import { BUSY_PER_MS, heartbeat, setUp, step } from './intake-cases.ts';

test('under a load a task that ends at once is written once, with its throughput, and nothing stays pending after it', async () => {
  const { broker, clock, writer, intake, busy, pass, last, reports } = setUp();
  await busy(100);
  broker.publish(step('task-received', 'a', clock.now(), { name: 'n' }));
  await busy(300);
  broker.publish(
    step('task-started', 'a', clock.now()),
    step('task-succeeded', 'a', clock.now() + 1, { runtime: 0.001 }),
  );
  expect([writer.stateOf('a'), intake.idle]).toEqual([null, false]);
  await busy(1_050);
  expect(writer.stateOf('a')).toBe('SUCCESS');
  await pass(2_000);
  expect([broker.queue.length, last().ingest.pending, intake.idle]).toEqual([0, 0, true]);
  const seconds = reports.flatMap((report) => report.seconds);
  expect(seconds.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(1);
});

test('what waits under a load is told as pending, and as the delay, though some was stored ahead', async () => {
  const { broker, clock, busy, last } = setUp();
  for (let i = 0; i < 200; i += 1) {
    broker.publish(step('task-received', `t${i}`, clock.now()), step('task-started', `t${i - 79}`, clock.now()));
    await busy(10);
  }
  const { pending, lagMs } = last().ingest;
  const { windowMs, periodMs } = BATCH_LIMITS;
  expect(pending).toBeGreaterThan(BUSY_PER_MS * (windowMs - periodMs));
  expect(pending).toBeLessThanOrEqual((BUSY_PER_MS + 1) * (windowMs + periodMs));
  expect(lagMs).toBeGreaterThan(windowMs - periodMs);
  expect(lagMs).toBeLessThanOrEqual(windowMs + periodMs);
});

test("a stream's mark never runs ahead of what is stored, and what comes again was not started again", async () => {
  const { broker, clock, writer, busy } = setUp({ mode: 'stream' });
  broker.publish(heartbeat(clock.now(), 0));
  await busy(100);
  broker.publish(step('task-received', 'early', clock.now(), { name: 'n' }));
  await busy(750);
  const startedAt = clock.now();
  broker.publish(step('task-received', 'young', clock.now(), { name: 'n' }));
  broker.publish(step('task-started', 'early', startedAt));
  const young = broker.state.published - 2;
  while (writer.stateOf('early') === null) await busy(1);
  expect([writer.stateOf('early'), writer.stateOf('young')]).toEqual(['STARTED', null]);
  const mark = writer.marks().find(({ worker }) => worker.startsWith('stream:'))?.processed;
  expect(mark).toBeGreaterThan(0);
  expect(mark).toBeLessThan(young);

  // A process that ended here reads on behind the mark, and reads the start again with something new.
  const again = setUp({ mode: 'stream', writer });
  again.clock.advance(clock.now() - again.clock.now());
  for (let offset = 0; offset <= Number(mark); offset += 1) again.broker.state.published += 1;
  again.broker.publish(heartbeat(clock.now(), 1));
  again.broker.publish(step('task-started', 'early', startedAt), step('task-succeeded', 'early', startedAt + 1, {}));
  await again.pass(1_000);
  again.broker.publish(heartbeat(again.clock.now(), 1));
  await again.pass(1_000);
  expect(writer.stateOf('early')).toBe('SUCCESS');
  expect(writer.marks().find(({ worker }) => worker === 'celery@host-1')).toMatchObject({ processed: 1, seen: 1 });
});

test('while a backlog is worked off, in which a minute comes at once, nobody is told to be missed or mute', async () => {
  const { broker, clock, busy, pass, last, reports, gaps } = setUp();
  const start = clock.now() - 60_000;
  await busy(30);
  for (let i = 0; i <= 30; i += 1) {
    broker.publish(heartbeat(start + i * 2_000, i * 10));
    for (let n = 0; n < 10; n += 1) broker.publish(step('task-started', `t${i} ${n}`, start + i * 2_000 + n));
    await busy(40);
  }
  await pass(5_000);
  for (let i = 0; i < 3; i += 1) {
    broker.publish(heartbeat(clock.now(), 310));
    await pass(2_000);
  }
  expect(Math.max(...reports.map(({ ingest }) => ingest.missedTasks))).toBe(0);
  expect(reports.flatMap(({ workers }) => workers).some((one) => one.sendsTaskEvents === false)).toBe(false);
  expect(gaps).toEqual([]);
  expect(last().workers[0]).toMatchObject({ missedTasks: 0, sendsTaskEvents: true });
});

test('what was really missed is told under a load too, once it can be judged', async () => {
  const { broker, clock, busy, last, gaps } = setUp();
  for (const processed of [0, 10, 10, 10]) {
    broker.publish(heartbeat(clock.now(), processed));
    broker.publish(step('task-started', `t${processed}`, clock.now()));
    await busy(2_000);
  }
  expect(last().ingest.missedTasks).toBe(7);
  expect(gaps).toHaveLength(1);
});

test('while nothing can be stored no more is held than there is room for, and the rest is asked for again when it can', async () => {
  const { broker, clock, pass, last, writer, states } = setUp();
  await pass(1_000);
  writer.failure = new Error('the disk is full');
  const args = 'x'.repeat(1_000_000);
  for (let i = 0; i < 40; i += 1) broker.publish(step('task-received', `large-${i}`, clock.now(), { args }));
  await pass(3_000);
  expect([last().ingest.pending, broker.queue.length]).toEqual([Math.ceil(BATCH_LIMITS.bytes / 1_000_200), 40]);
  writer.failure = null;
  await pass(20_000);
  expect([broker.queue.length, writer.ids().length, last().ingest.pending]).toEqual([0, 40, 0]);
  expect(states().slice(-4)).toEqual(['storing-fails', 'consuming', 'disconnected', 'consuming']);
});
