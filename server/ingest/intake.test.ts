import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { WorkerMark } from '#server/history/tasks/store.ts';
import { heartbeat, START, settle, setUp, step } from './intake-cases.ts';
import { memoryWriter } from './memory-writer.ts';

const RECORDED = join(import.meta.dirname, '..', 'celery', 'fixtures', 'celery-5.6.3-events.jsonl');

test('recorded events of real workers end as stored, acknowledged tasks', async () => {
  const { broker, writer, pass, last } = setUp();
  const lines = readFileSync(RECORDED, 'utf8').trimEnd().split('\n');
  for (const line of lines) broker.publish(...[JSON.parse(line).body].flat());
  await pass(2_000);
  expect(writer.ids().length).toBeGreaterThan(10);
  expect(writer.ids().every((id) => writer.stateOf(id) !== 'PENDING')).toBe(true);
  expect(broker.queue).toHaveLength(0);
  expect(last().ingest).toMatchObject({ state: 'consuming', mode: 'quorum', via: 'a:1', pending: 0, rejected: {} });
  expect(last().ingest.received).toBeGreaterThan(lines.length - 1);
  expect(last().workers.map(({ id }) => id)).toContain('w1@h1');
});

test('cut again and again under load, nothing is lost and nothing is counted twice', async () => {
  const { broker, writer, pass, reports } = setUp();
  for (let i = 0; i < 60; i += 1) {
    const at = START + i * 100;
    broker.publish(step('task-received', `t${i}`, at, { name: 'n' }), step('task-started', `t${i}`, at + 1));
    broker.publish(step('task-succeeded', `t${i}`, at + 2, { runtime: 0.001, result: '1' }));
    // Before, while and after a batch is written.
    await pass(i % 3 === 0 ? 10 : 50);
    if (i % 5 === 0) broker.cut();
  }
  await pass(20_000);
  expect(writer.ids()).toHaveLength(60);
  expect(writer.ids().every((id) => writer.stateOf(id) === 'SUCCESS')).toBe(true);
  const ended = reports.flatMap((report) => report.seconds).reduce((sum, { succeeded }) => sum + succeeded, 0);
  expect(ended).toBe(60);
  expect(broker.queue).toHaveLength(0);
});

test('a full disk stops the acknowledging and says so; with room again everything is stored', async () => {
  const { broker, writer, pass, last, states } = setUp();
  await pass(1_000);
  writer.failure = new Error('the disk is full');
  broker.publish(step('task-received', 'a', START, { name: 'n' }));
  await pass(3_000);
  broker.publish(step('task-started', 'a', START), step('task-succeeded', 'a', START + 1, { runtime: 1 }));
  await pass(3_000);
  expect(broker.queue).toHaveLength(2);
  expect(last().ingest).toMatchObject({ state: 'storing-fails', pending: 3 });
  expect(last().ingest.problem).toMatch(/the disk is full\. Nothing is lost meanwhile/);
  writer.failure = null;
  await pass(16_000);
  expect(states().slice(-2)).toEqual(['storing-fails', 'consuming']);
  expect([broker.queue.length, writer.stateOf('a'), last().ingest.problem]).toEqual([0, 'SUCCESS', null]);
});

test('a killed worker is shown silent within 6 s, and not while the intake is cut off', async () => {
  const { broker, clock, pass, last } = setUp();
  for (let i = 0; i < 3; i += 1) {
    broker.publish(heartbeat(clock.now(), 0));
    await pass(2_000);
  }
  expect(last().workers[0]?.state).toBe('online');
  const lastBeat = clock.now() - 2_000;
  await pass(4_000);
  expect(clock.now() - lastBeat).toBe(6_000);
  expect(last().workers[0]?.state).toBe('silent');

  broker.publish(heartbeat(clock.now(), 0));
  await pass(500);
  expect(last().workers[0]?.state).toBe('online');
  broker.state.down = true;
  broker.cut();
  await pass(60_000);
  expect(last().workers[0]?.state).toBe('online');
  broker.state.down = false;
  while (last().ingest.state !== 'consuming') await pass(50);
  // Its heartbeats get the time to come again.
  await pass(4_000);
  expect(last().workers[0]?.state).toBe('online');
  await pass(3_000);
  expect(last().workers[0]?.state).toBe('silent');
});

test('the state tells: connecting, consuming, disconnected with the reason, consuming again', async () => {
  const { broker, pass, states, reports } = setUp();
  await pass(6_000);
  broker.cut();
  await pass(1_000);
  expect(states()).toEqual(['connecting', 'consuming', 'disconnected', 'consuming']);
  const lost = reports.find(({ ingest }) => ingest.state === 'disconnected')?.ingest;
  expect(lost).toMatchObject({ via: null, problem: 'the broker closed the connection' });
  expect(reports.at(-1)?.ingest).toMatchObject({ via: 'b:1', problem: null });
});

test('starts that never came are missed, and their ends are searched for', async () => {
  const { broker, clock, pass, last, gaps } = setUp();
  for (const processed of [0, 10, 10, 10]) {
    broker.publish(heartbeat(clock.now(), processed));
    broker.publish(step('task-started', `t${processed}`, clock.now()));
    await pass(2_000);
  }
  // The last start is younger than the heartbeat that is held against it.
  expect(last().ingest.missedTasks).toBe(7);
  expect(last().workers[0]).toMatchObject({ missedTasks: 7, sendsTaskEvents: true });
  expect(gaps).toHaveLength(1);
  expect(gaps[0]?.from).toBeLessThanOrEqual(START + 6_000);
});

// Where they come that close they cannot be judged one by one.
test.each([
  [40_000, 2_000],
  [300_000, 2_000],
  [300_000, 500],
])(
  'what was lost with a worker’s connection is searched for since then, it being away for %i ms',
  async (awayMs, everyMs) => {
    const { broker, clock, pass, gaps } = setUp();
    const beat = async (processed: number, restMs = 2_000) => {
      broker.publish(heartbeat(clock.now(), processed));
      broker.publish(step('task-started', `t${processed}`, clock.now() - 1));
      await pass(restMs);
    };
    for (const processed of [1, 2, 3]) await beat(processed);
    const lostAt = clock.now();
    await pass(awayMs);
    for (const processed of [14, 15, 16]) await beat(processed, everyMs);
    await pass(2_000);
    expect(gaps).toHaveLength(1);
    expect(gaps[0]?.from).toBeLessThanOrEqual(lostAt);
    expect(gaps[0]?.from).toBeGreaterThan(lostAt - 10_000);
  },
);

test('redelivered starts are counted once, so that they hide no missed ones', async () => {
  const { broker, clock, pass, writer } = setUp();
  broker.publish(heartbeat(clock.now(), 0));
  broker.publish(step('task-started', 'a', clock.now()));
  await pass(1_000);
  // The broker did not get the acknowledgement: the same message again, and with it a new event of the task.
  broker.queue.push({
    body: new TextEncoder().encode(
      JSON.stringify([step('task-started', 'a', START), step('task-succeeded', 'a', START + 9)]),
    ),
    ...{ offset: 99, redelivered: true },
  });
  broker.publish(heartbeat(clock.now(), 1));
  await pass(1_000);
  // The mark is stored with the batch, so it learns with the next one what was new in it.
  broker.publish(heartbeat(clock.now(), 1));
  await pass(1_000);
  expect(writer.marks()).toMatchObject([
    { worker: 'celery@host-1', processed: 1, seen: 1 },
  ] satisfies Partial<WorkerMark>[]);
});

test('whatever is published is counted, refused where it must be, and holds nothing up', async () => {
  const { broker, pass, last, writer } = setUp();
  broker.queue.push({ body: new TextEncoder().encode('{"type": nonsense'), offset: 0, redelivered: false });
  broker.publish({ type: 'task-received' });
  broker.publish(step('task-received', 'good', START, { name: 'n' }));
  await pass(1_000);
  expect(last().ingest.rejected).toEqual({ 'not-json': 1, 'no-id': 1 });
  expect([last().ingest.received, writer.ids(), broker.queue.length]).toEqual([3, ['good'], 0]);
});

test('a stream is continued behind the last stored message, over a restart too', async () => {
  const { broker, intake, pass, writer } = setUp({ mode: 'stream' });
  broker.publish(step('task-received', 'a', START, { name: 'n' }));
  broker.publish(step('task-received', 'b', START, { name: 'n' }));
  await pass(6_000);
  broker.cut();
  await pass(100);
  expect(broker.state.afters).toEqual([null, 1]);
  await intake.stop();
  const again = setUp({ mode: 'stream', writer });
  await again.pass(100);
  expect(again.broker.state.afters).toEqual([1]);
  expect(again.last().workers).toEqual([]);
});

test('at the end what has come is stored and acknowledged, and nothing after it', async () => {
  const { broker, intake, pass, writer } = setUp();
  await pass(100);
  broker.publish(step('task-received', 'a', START, { name: 'n' }));
  const stopping = intake.stop();
  broker.publish(step('task-received', 'late', START, { name: 'n' }));
  await settle();
  await stopping;
  expect([writer.ids(), broker.queue.length]).toEqual([['a'], 1]);
});

describe('over a restart', () => {
  const AWAY_MS = 300_000;
  const mark = { worker: 'celery@host-1', pid: 7, processed: 100, seen: 100, at: START - AWAY_MS };

  test('what an exclusive queue could not hold is searched for since the last that was heard', async () => {
    const { pass, gaps } = setUp({ mode: 'exclusive', writer: memoryWriter([mark]) });
    await pass(1_000);
    expect(gaps).toEqual([{ from: mark.at, to: START }]);
    const first = setUp({ mode: 'exclusive' });
    await first.pass(1_000);
    expect(first.gaps).toEqual([]);
  });

  test('so is what was lost with a queue that is a new one', async () => {
    const { pass, gaps } = setUp({ writer: memoryWriter([mark]) });
    await pass(1_000);
    expect(gaps).toEqual([{ from: mark.at, to: START }]);
  });

  /** A worker that began a task every other second, of which the queue kept what is younger than so many ms. */
  async function catchUp(keptMs: number) {
    const all = Array.from({ length: AWAY_MS / 2_000 + 5 }, (_, i) => ({ i, at: mark.at + (i + 1) * 2_000 }));
    const said = ({ i, at }: { i: number; at: number }) => [
      step('task-started', `t${i}`, at - 1),
      heartbeat(at, mark.processed + i + 1),
    ];
    const queued = all.filter(({ at }) => at <= START && at > START - keptMs).flatMap(said);
    const world = setUp({ writer: memoryWriter([mark]), queued });
    for (const one of all.filter(({ at }) => at > START)) {
      await world.pass(2_000);
      world.broker.publish(...said(one));
    }
    await world.pass(1_000);
    return { gaps: world.gaps, missed: world.last().ingest.missedTasks };
  }

  test('nothing is searched for where all of it waited in the queue', async () => {
    expect(await catchUp(AWAY_MS)).toEqual({ gaps: [], missed: 0 });
  });

  test('what the queue dropped meanwhile is searched for since the last that was heard', async () => {
    const { gaps, missed } = await catchUp(20_000);
    expect(missed).toBeGreaterThan(100);
    expect(gaps).toHaveLength(1);
    expect(gaps[0]?.from).toBe(mark.at);
  });
});

test('a queue that is empty after workers went on working was lost: ends are searched for since then', async () => {
  const { broker, clock, pass, gaps } = setUp();
  broker.publish(heartbeat(clock.now(), 0));
  await pass(6_000);
  broker.cut();
  await pass(1_000);
  // Gone for a moment only: it may well have been empty.
  expect(gaps).toEqual([]);
  broker.publish(heartbeat(clock.now(), 0));
  await pass(1_000);
  const lostAt = clock.now();
  broker.state.down = true;
  broker.cut();
  await pass(12_000);
  broker.state.down = false;
  await pass(20_000);
  expect(gaps).toHaveLength(1);
  expect(gaps[0]?.from).toBe(lostAt);
});

test('a gap that grows with every heartbeat is searched for twice a minute at most', async () => {
  const { broker, clock, pass, gaps } = setUp();
  for (let i = 0; i < 30; i += 1) {
    broker.publish(heartbeat(clock.now(), i * 10));
    broker.publish(step('task-started', `t${i}`, clock.now()));
    await pass(2_000);
  }
  expect(gaps.length).toBeGreaterThanOrEqual(2);
  expect(gaps.length).toBeLessThanOrEqual(3);
});

test('a disk that is full stays told while the broker is away too', async () => {
  const { broker, pass, last, writer } = setUp();
  await pass(1_000);
  writer.failure = new Error('the disk is full');
  broker.publish(step('task-received', 'a', START, { name: 'n' }));
  await pass(1_000);
  broker.state.down = true;
  broker.cut();
  await pass(5_000);
  expect(last().ingest).toMatchObject({ state: 'storing-fails', via: null });
});
