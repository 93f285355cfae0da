/** The rounds, on a real store of tasks, with workers and results that say what they are told. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { event, openEstate, running, START, states, stored } from './reconcile-cases.ts';

function estate(more: Parameters<typeof openEstate>[0] = {}) {
  const world = openEstate(more);
  onTestFinished(world.end);
  return world;
}

describe('tasks of a worker that was killed and began anew before it was silent', () => {
  test('are lost when it does not have them, and that is told within seconds', async () => {
    const world = estate();
    // Of an age at which it was asked about, and will not be again for a minute.
    world.write(...running('a', START - 58_000), ...running('b', START - 58_000, 'w2'));
    world.set('w1', 'online', START);
    world.held.set('w2', { b: ['active', {}] });
    await world.pass(20_000);
    expect(states(world)).toEqual({ a: 'ORPHANED', b: 'STARTED' });
  });

  test('are asked about again where nobody answered', async () => {
    const world = estate();
    world.workersAnswer = false;
    world.write(...running('a', START - 58_000));
    world.set('w1', 'online', START);
    await world.pass(20_000);
    expect(states(world)).toEqual({ a: 'STARTED' });
    world.workersAnswer = true;
    await world.pass(10_000);
    expect(states(world)).toEqual({ a: 'ORPHANED' });
  });

  test('are asked about once where it has them after all', async () => {
    const world = estate();
    world.write(...running('a', START - 58_000));
    world.set('w1', 'online', START);
    world.held.set('w1', { a: ['active', {}] });
    await world.pass(15_000);
    const asked = [world.asked.workers.length, world.asked.running.length];
    await world.pass(20_000);
    expect([world.asked.workers.length, world.asked.running.length]).toEqual(asked);
    expect(states(world)).toEqual({ a: 'STARTED' });
  });
});

describe('tasks of a worker that fell silent', () => {
  test('get their true end from the result store', async () => {
    const world = estate();
    world.write(...running('a', START));
    world.set('w1', 'silent');
    world.values.set('a', stored('SUCCESS', START + 500, { result: 42 }));
    await world.pass(15_000);
    expect(world.task('a')).toMatchObject({
      state: 'SUCCESS',
      result: '42',
      endedBy: 'result store',
      finishedAt: START + 500,
    });
    expect(world.reconcile.report).toMatchObject({ backfilled: 1, orphaned: 0, problem: null });
  });

  test('are orphaned when nobody knows their end, with the evidence, and not before the grace', async () => {
    const world = estate();
    world.write(...running('a', START));
    world.set('w1', 'silent');
    await world.pass(5_000);
    expect(states(world)).toEqual({ a: 'STARTED' });
    await world.pass(10_000);
    expect(states(world)).toEqual({ a: 'ORPHANED' });
    expect(world.reconcile.report).toMatchObject({ backfilled: 0, orphaned: 1 });
    // Only the others are asked.
    expect(world.asked.workers).toEqual([['w2']]);
  });

  test('are left alone where another worker has them', async () => {
    const world = estate();
    world.write(...running('a', START));
    world.set('w1', 'silent');
    world.held.set('w2', { a: ['active', {}] });
    await world.pass(120_000);
    expect(states(world)).toEqual({ a: 'STARTED' });
    expect(world.reconcile.report).toMatchObject({ orphaned: 0, pending: 1 });
  });

  test('are asked about at growing distances, not with every round', async () => {
    const world = estate();
    world.write(...running('a', START));
    world.set('w1', 'silent');
    world.held.set('w2', { a: ['active', {}] });
    await world.pass(600_000);
    expect(world.asked.workers).toHaveLength(5);
  });

  test('a redelivery that is heard afterwards ends the orphanage, and so does an end that turns up', async () => {
    const world = estate();
    world.write(...running('a', START), ...running('b', START));
    world.set('w1', 'silent');
    await world.pass(15_000);
    expect(states(world)).toEqual({ a: 'ORPHANED', b: 'ORPHANED' });
    // By a clock that is a second slow.
    world.held.set('w2', { a: ['active', {}] });
    world.write(...running('a', world.clock.now() - 1_000, 'w2'));
    world.values.set(
      'b',
      stored('FAILURE', world.clock.now(), { result: { exc_type: 'ValueError', exc_message: ['x'] } }),
    );
    await world.pass(60_000);
    expect(states(world)).toEqual({ a: 'STARTED' });
    expect(world.task('b')).toMatchObject({ state: 'FAILURE', exception: "ValueError('x')" });
  });

  test('while the store is away nothing is concluded from that, for a while; its result is found when it is back', async () => {
    const world = estate();
    world.write(...running('a', START));
    world.set('w1', 'silent');
    world.values.set('a', stored('SUCCESS', START + 500));
    world.storeAnswers = false;
    await world.pass(50_000);
    expect(states(world)).toEqual({ a: 'STARTED' });
    expect(world.reconcile.report).toMatchObject({
      pending: 1,
      problem: 'Results cannot be read: 10.0.0.1:6379: no answer',
    });
    await world.pass(20_000);
    expect(states(world)).toEqual({ a: 'ORPHANED' });
    world.storeAnswers = true;
    await world.pass(600_000);
    expect(states(world)).toEqual({});
  });

  test('more than fit into a round are all looked after, a bounded number at a time', async () => {
    const world = estate();
    const ids = Array.from({ length: 1_600 }, (_, i) => `t${i}`);
    world.write(...ids.flatMap((id) => running(id, START)));
    world.set('w1', 'silent');
    await world.pass(40_000);
    expect(world.reconcile.report.orphaned).toBe(1_600);
    expect(Math.max(...world.asked.ids.map(({ length }) => length))).toBe(500);
  });

  test('nothing is orphaned while events do not come: then silence means nothing', async () => {
    const world = estate();
    world.write(...running('a', START));
    world.set('w1', 'silent');
    world.listeningSince = null;
    await world.pass(300_000);
    expect(states(world)).toEqual({ a: 'STARTED' });
    world.listeningSince = world.clock.now();
    await world.pass(25_000);
    expect(states(world)).toEqual({ a: 'ORPHANED' });
  });

  test('of a worker that was gone before Trellis started are found too', async () => {
    const world = estate();
    world.write(...running('a', START - 3_000_000, 'long-gone'));
    await world.pass(20_000);
    expect(states(world)).toEqual({ a: 'ORPHANED' });
  });

  test('and so are those when it takes Trellis a while until events come', async () => {
    const world = estate();
    world.write(...running('a', START - 3_000_000, 'long-gone'));
    world.listeningSince = null;
    await world.pass(30_000);
    world.listeningSince = world.clock.now();
    await world.pass(25_000);
    expect(states(world)).toEqual({ a: 'ORPHANED' });
  });

  test('without credentials the result store alone decides, and that is said', async () => {
    const world = estate({ inspect: null });
    world.write(...running('a', START));
    world.set('w1', 'silent');
    await world.pass(15_000);
    expect(states(world)).toEqual({ a: 'ORPHANED' });
    expect(world.reconcile.report.problem).toBe(
      'Workers are not asked about lost tasks: acting.rabbitmq is not configured.',
    );
  });
});

describe('ends that were missed', () => {
  test('of a task that runs for long are found within the minute, its worker being well', async () => {
    const world = estate();
    world.write(...running('a', START));
    world.values.set('a', stored('SUCCESS', START + 30_000));
    await world.pass(70_000);
    expect(world.task('a').state).toBe('SUCCESS');
  });

  test('are looked for sooner where its worker did more than its events told', async () => {
    const world = estate();
    await world.pass(80_000);
    world.write(...running('a', world.clock.now()));
    world.set('w1', 'online', START, 3);
    world.values.set('a', stored('SUCCESS', world.clock.now() + 100));
    await world.pass(20_000);
    expect(world.task('a').state).toBe('SUCCESS');
  });

  test('are found as soon as the store is back, where it was away at their time', async () => {
    const world = estate();
    world.write(...running('a', START));
    world.held.set('w2', {});
    world.values.set('a', stored('SUCCESS', START + 30_000));
    world.storeAnswers = false;
    await world.pass(80_000);
    expect(states(world)).toEqual({ a: 'STARTED' });
    world.storeAnswers = true;
    await world.pass(5_000);
    expect(world.task('a').state).toBe('SUCCESS');
  });

  test('of tasks that were only ever sent are found', async () => {
    const world = estate();
    world.write(event('a', 'sent', START, 'gen1@app', { name: 'shop.pay' }));
    world.values.set('a', stored('SUCCESS', START + 500));
    await world.pass(70_000);
    expect(world.task('a')).toMatchObject({ state: 'SUCCESS', endedBy: 'result store' });
  });

  test('a task that its own worker does not know any more, and that left no result, is orphaned; one that it knows is not', async () => {
    const world = estate();
    world.write(...running('a', START), ...running('b', START));
    world.held.set('w1', { b: ['active', {}] });
    await world.pass(130_000);
    expect(states(world)).toEqual({ a: 'ORPHANED', b: 'STARTED' });
    expect(new Set(world.asked.workers.flat())).toEqual(new Set(['w1']));
  });

  test('a task that its worker keeps for a rate limit or for its time stays received, and the worker is not asked', async () => {
    const world = estate();
    const waits = event('eta', 'received', START, 'w1', { eta: START + 180_000 });
    world.write(event('limited', 'received', START), ...running('eta', START - 2_000));
    world.write(event('eta', 'retried', START - 1), { ...waits, event: { ...waits.event, retries: 1 } });
    await world.pass(170_000);
    expect(states(world)).toEqual({ limited: 'RECEIVED', eta: 'RECEIVED' });
    expect(world.asked.workers).toEqual([]);
    // The store is asked about the one that may have ended, and not about the other.
    expect(new Set(world.asked.ids.flat())).toEqual(new Set(['limited']));
  });

  test('a task that was received and went back with its worker’s connection is found where it comes again', async () => {
    const world = estate();
    world.write(event('a', 'received', START), event('b', 'received', START));
    await world.pass(70_000);
    world.write(...running('a', START + 60_000, 'w2'));
    world.held.set('w2', { a: ['active', {}] });
    world.values.set('b', stored('SUCCESS', START + 65_000));
    await world.pass(60_000);
    expect(states(world)).toEqual({ a: 'STARTED' });
    expect(world.task('b')).toMatchObject({ state: 'SUCCESS', endedBy: 'result store' });
  });

  test('a task that runs for a day costs a dozen questions', async () => {
    const world = estate();
    world.write(...running('a', START));
    world.held.set('w1', { a: ['active', {}] });
    await world.pass(86_400_000);
    expect(world.asked.workers.length).toBeLessThanOrEqual(12);
  });

  test('after a gap everything open is asked about again, and results of that time are walked through', async () => {
    const world = estate();
    await world.pass(700_000);
    const now = world.clock.now();
    const gap = { from: now - 60_000, to: now };
    const found = new Map([
      ['never-seen', stored('SUCCESS', now - 30_000, { name: 'shop.ship', worker: 'w2@h', args: [1] })],
      ['before', stored('SUCCESS', now - 90_000)],
      ['open-still', JSON.stringify({ status: 'STARTED', result: {}, date_done: null })],
      ['garbage', '\u0000{'],
    ]);
    const next = { address: '10.0.0.2:6379', cursor: '9' };
    world.pages = [{ found: new Map(), next, keys: 2_000 }, new Error('no answer'), { found, next: null, keys: 4 }];
    world.reconcile.noteGap(gap);
    await world.pass(20_000);
    expect(world.task('never-seen')).toMatchObject({ state: 'SUCCESS', name: 'shop.ship', args: '(1,)' });
    expect(world.task('before').state).toBe('PENDING');
    expect(world.reconcile.report).toMatchObject({ backfilled: 1, problem: null });
  });
});

describe('a walk that Trellis ended in the midst of', () => {
  const found = new Map([['never-seen', stored('SUCCESS', START - 30_000)]]);
  const next = { address: '10.0.0.2:6379', cursor: '9' };

  test('is begun again with the next start, and once it is done no more', async () => {
    const world = estate();
    world.pages = [{ found: new Map(), next, keys: 20_000 }];
    world.reconcile.noteGap({ from: START - 60_000.5, to: START });
    await world.pass(5_000);
    world.pages = [{ found, next: null, keys: 4 }];
    world.restart();
    await world.pass(5_000);
    expect(world.task('never-seen').state).toBe('SUCCESS');
    world.pages = [new Error('walked once more')];
    world.restart();
    await world.pass(20_000);
    expect(world.pages).toHaveLength(1);
  });

  test('is begun again too when its gap could not be written down at once', async () => {
    const world = estate();
    world.failWrites = true;
    world.pages = [{ found: new Map(), next, keys: 200_000 }];
    world.reconcile.noteGap({ from: START - 60_000, to: START });
    await world.pass(10_000);
    world.failWrites = false;
    await world.pass(10_000);
    world.pages = [{ found, next: null, keys: 4 }];
    world.restart();
    await world.pass(5_000);
    expect(world.task('never-seen').state).toBe('SUCCESS');
  });
});

describe('nothing ends the rounds', () => {
  test('what cannot be written is said, kept, and written when that works again', async () => {
    const world = estate();
    world.write(...running('a', START));
    world.set('w1', 'silent');
    world.failWrites = true;
    await world.pass(15_000);
    expect(world.reconcile.report.problem).toBe(
      'Lost tasks cannot be looked after: tasks.db cannot grow: the disk is full',
    );
    world.failWrites = false;
    await world.pass(5_000);
    expect(states(world)).toEqual({ a: 'ORPHANED' });
    expect(world.reconcile.report.problem).toBeNull();
  });

  test('garbage in the result store ends nothing and is no end', async () => {
    const world = estate();
    for (const [i, value] of ['', 'x', '[]', '{}', '7', '{"status": 7}', 'NaN'].entries()) {
      world.write(...running(`g${i}`, START));
      world.values.set(`g${i}`, value);
    }
    world.write(...running('a', START));
    world.set('w1', 'silent');
    await world.pass(15_000);
    expect(states(world)).toMatchObject({ a: 'ORPHANED', g0: 'STARTED', g6: 'STARTED' });
  });

  test('workers that do not answer are waited for, and not for ever', async () => {
    const world = estate();
    world.write(...running('a', START));
    world.set('w1', 'silent');
    world.workersAnswer = false;
    await world.pass(50_000);
    expect(states(world)).toEqual({ a: 'STARTED' });
    await world.pass(20_000);
    expect(states(world)).toEqual({ a: 'ORPHANED' });
  });

  test('once it is stopped nothing is asked or written any more', async () => {
    const world = estate();
    world.write(...running('a', START));
    world.set('w1', 'silent');
    await world.pass(5_000);
    world.reconcile.stop();
    await world.pass(60_000);
    expect(states(world)).toEqual({ a: 'STARTED' });
    expect(world.asked.workers).toEqual([]);
  });
});
