import { describe, expect, test } from 'vitest';
import { BULK_LIMIT, type BulkWish, type SendWish, sendSchema } from '#lib/contract/control.ts';
import type { Task } from '#lib/model/task.ts';
import { simulatedWorkers } from '#server/actions/simulated-workers.ts';
import { createMask } from '#server/celery/mask.ts';
import type { TaskCall } from '#server/celery/messages.ts';
import type { ActContext } from './act.ts';
import { previewBulk, runBulk } from './bulk-tasks.ts';
import type { Hands, StoredResults } from './hands.ts';
import { createInspections } from './inspections.ts';
import { createOperations } from './operations.ts';
import { previewRetry, retryTask } from './retry-task.ts';
import { revokeTask } from './revoke-task.ts';
import { callOf, sendTask } from './send-task.ts';
import { taskOf, tasksHeld } from './task-fixture.ts';

const A = 'celery@a';
const identity = { name: 'local', role: 'admin', scopes: null } as const;
const gate = { identity, reason: 'because', request: 'r1' };

/** Trellis with these tasks, a simulated worker, and a broker that takes everything unless told. */
function setUp(held: Task[], stored: Readonly<Record<string, object>> = {}) {
  const lab = simulatedWorkers(A);
  const published: { call: TaskCall; queue: string }[] = [];
  const broker = { refusal: null as Error | null, after: Number.POSITIVE_INFINITY };
  const results: StoredResults = {
    async read(ids) {
      const found = ids.flatMap((id) => (stored[id] === undefined ? [] : [[id, JSON.stringify(stored[id])] as const]));
      return { found: new Map(found), absent: new Set(ids), asked: [], problem: null };
    },
  };
  const hands: Hands = {
    ...{ control: lab.control, results, clock: lab.clock, origin: 'gen1@trellis', tasks: tasksHeld(held) },
    inspections: createInspections(lab),
    mask: createMask(),
    publisher: {
      async publish(call, queue) {
        if (broker.refusal !== null && published.length >= broker.after) throw broker.refusal;
        published.push({ call, queue });
        held.push({ ...taskOf(call.id, 'RECEIVED'), name: call.name, worker: A });
      },
      close: () => undefined,
    },
    close: () => undefined,
  };
  const audit = { append: async (note: object) => ({ ...note, seq: 1, at: 1, previous: '', hash: '' }) as never };
  const operations = createOperations({ clock: lab.clock, audit, onProblem: () => undefined });
  const ctx: ActContext = { hands, operations, clock: lab.clock.now };
  const ended = async (id = 'r1') => {
    const done = () => operations.get(id)?.endedAt !== null;
    await lab.ending(
      (async () => {
        while (!done()) await new Promise<void>((resolve) => lab.clock.after(100, resolve));
      })(),
    );
    return operations.get(id);
  };
  return Object.assign(lab, { ctx, published, broker, held, ended });
}

describe('retry', () => {
  const wish = { twice: false };

  test('publishes a new task with the same name, arguments and queue, which names the old one, and is verified when it shows', async () => {
    const { ctx, published, ended } = setUp([taskOf('1')]);
    const operation = await retryTask(ctx, '1', { ...gate, body: wish });
    expect(published).toMatchObject([
      { queue: 'celery', call: { name: 'lab.add', args: [1, 2], kwargs: {}, retryOf: '1', origin: 'gen1@trellis' } },
    ]);
    expect(operation).toMatchObject({ id: 'r1', action: 'task.retry', target: 'tasks/1' });
    expect(await ended()).toMatchObject({ stage: 'verified', tasks: [published[0]?.call.id] });
    expect(published[0]?.call.id).not.toBe('1');
  });

  test('the preview publishes nothing, and tells what it would do', async () => {
    const { ctx, published } = setUp([taskOf('1', 'SUCCESS')], { 1: { args: [7], kwargs: {} } });
    expect(await previewRetry(ctx, '1', 'slow')).toMatchObject({
      ...{ args: '(7,)', argumentsFrom: 'result store', queue: 'slow', refused: null },
      twice: 'It has succeeded already.',
    });
    expect(published).toEqual([]);
  });

  test('the preview shows no secret, and the task gets it all the same', async () => {
    const { ctx, published } = setUp([taskOf('1')], { 1: { args: [], kwargs: { password: 'hidden' } } });
    expect(JSON.stringify(await previewRetry(ctx, '1', null))).not.toContain('hidden');
    await retryTask(ctx, '1', { ...gate, body: wish });
    expect(published[0]?.call.kwargs).toEqual({ password: 'hidden' });
  });

  test('what the first publisher hid of the arguments stays hidden in what is printed of them', async () => {
    const { ctx, published } = setUp([{ ...taskOf('1'), args: "('***',)" }], { 1: { args: ['hidden'], kwargs: {} } });
    await retryTask(ctx, '1', { ...gate, body: wish });
    expect(published[0]?.call).toMatchObject({ args: ['hidden'], argsrepr: "('***',)" });
  });

  test.each<[string, Task[], boolean, string]>([
    ['unknown', [], false, 'TASK_UNKNOWN'],
    ['without arguments', [{ ...taskOf('1'), args: null }], true, 'RETRY_REFUSED'],
    ['that would run twice', [taskOf('1', 'STARTED')], false, 'WOULD_RUN_TWICE'],
  ])('a task %s is refused, and nothing is published', async (_, held, twice, code) => {
    const { ctx, published } = setUp(held);
    await expect(retryTask(ctx, '1', { ...gate, body: { twice } })).rejects.toMatchObject({ code });
    expect([published, ctx.operations.list()]).toEqual([[], []]);
  });

  test('one that would run twice is published when that is accepted', async () => {
    const { ctx, published } = setUp([taskOf('1', 'STARTED')]);
    await retryTask(ctx, '1', { ...gate, body: { twice: true } });
    expect(published.length).toBe(1);
  });

  test('a broker that does not confirm: its error, and no operation', async () => {
    const { ctx, broker } = setUp([taskOf('1')]);
    Object.assign(broker, {
      refusal: Object.assign(new Error('no queue celery'), { code: 'PUBLISH_UNROUTABLE' }),
      after: 0,
    });
    await expect(retryTask(ctx, '1', { ...gate, body: wish })).rejects.toMatchObject({ code: 'PUBLISH_UNROUTABLE' });
    expect(ctx.operations.list()).toEqual([]);
  });
});

test('a task that has ended is not revoked; one that nobody knows is', async () => {
  const { ctx, sent, ended } = setUp([taskOf('1', 'SUCCESS')]);
  await expect(revokeTask(ctx, '1', null, gate)).rejects.toMatchObject({ code: 'TASK_ENDED' });
  expect(sent).toEqual([]);
  await revokeTask(ctx, 'unknown', null, gate);
  expect(await ended()).toMatchObject({ stage: 'acknowledged', action: 'task.revoke' });
});

test('without credentials to act, everything says so', async () => {
  const { ctx } = setUp([]);
  await expect(previewRetry({ ...ctx, hands: null }, '1', null)).rejects.toMatchObject({ code: 'CELERY_OFF' });
});

describe('send', () => {
  const NOW = Date.UTC(2026, 10, 22, 8);
  const who = { id: 'x', origin: 'o', now: NOW };
  const wished = (rest: object): SendWish => sendSchema.parse({ name: 'lab.add', queue: 'celery', ...rest });

  test('times are those of the wish', () => {
    expect(callOf(wished({ countdown: 10, expires: 60 }), who)).toMatchObject({
      eta: NOW + 10_000,
      expires: NOW + 60_000,
    });
    const iso = { eta: '2026-11-22T10:00:00+01:00', expires: '2026-11-22T09:00:01Z' };
    expect(callOf(wished(iso), who)).toMatchObject({ eta: NOW + 3_600_000, expires: NOW + 3_601_000 });
    expect(callOf(wished({}), who)).toEqual({ id: 'x', origin: 'o', name: 'lab.add', args: [], kwargs: {} });
  });

  test.each([
    [{ countdown: 60, expires: 60 }],
    [{ expires: '2026-11-22T07:59:59Z' }],
    [{ args: [2 ** 60] }],
    [{ kwargs: { a: [{ b: -(2 ** 53) }] } }],
    [{ args: [JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`)] }],
  ])('what would expire before it runs, or arrive as something else, is refused: %j', (rest) => {
    expect(() => callOf(wished(rest), who)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });

  test.each([
    [{ eta: '2026-11-22T10:00:00+01:00', countdown: 1 }],
    [{ eta: 'tomorrow' }],
    [{ eta: '2026-11-22T10:00:00' }],
    [{ countdown: -1 }],
    [{ args: {} }],
    [{ kwargs: [] }],
    [{ queue: '' }],
    [{ nonsense: 1 }],
  ])('the contract refuses %j', (rest) => {
    expect(sendSchema.safeParse({ name: 'a', queue: 'q', ...rest }).success).toBe(false);
  });

  test('a name that a worker knows is sent; one that none knows only when that is accepted', async () => {
    const { ctx, published, ending, ended } = setUp([]);
    await ending(sendTask(ctx, { ...gate, body: wished({ args: [1, 2] }) }));
    expect((await ended())?.steps[0]?.text).toBe(`${A} knows lab.add.`);
    const unknown = wished({ name: 'nosuch' });
    const refused = ending(sendTask(ctx, { ...gate, request: 'r2', body: unknown }));
    await expect(refused).rejects.toMatchObject({ code: 'TASK_UNREGISTERED' });
    expect(published.length).toBe(1);
    await ending(sendTask(ctx, { ...gate, request: 'r3', body: { ...unknown, unregistered: true } }));
    expect(published.length).toBe(2);
  });

  test('where no worker answers it is sent, and says that nobody told', async () => {
    const { ctx, ending, worker, operations } = withOperations();
    worker(A).paused = true;
    await ending(sendTask(ctx, { ...gate, body: wished({ name: 'nosuch' }) }));
    expect(operations.get('r1')?.steps[0]?.text).toMatch(/was not told/);
  });

  function withOperations() {
    const trellis = setUp([]);
    return { ...trellis, operations: trellis.ctx.operations };
  }
});

describe('bulk', () => {
  const many = [
    taskOf('1'),
    taskOf('2', 'STARTED'),
    taskOf('3', 'SUCCESS'),
    taskOf('4'),
    taskOf('5', 'PENDING'),
    taskOf('6'),
  ];
  const wish = async (ctx: ActContext, action: BulkWish['action'], filter = {}): Promise<BulkWish> => {
    const { count, fingerprint } = await previewBulk(ctx, { action, filter });
    return { action, filter, count, fingerprint, twice: false };
  };

  test('the preview counts what the action can be done to, over all pages', async () => {
    const { ctx } = setUp([...many]);
    expect(await previewBulk(ctx, { action: 'retry', filter: {} })).toMatchObject({
      count: 4,
      left: 2,
      twice: 1,
      tooMany: false,
    });
    expect(await previewBulk(ctx, { action: 'revoke', filter: {} })).toMatchObject({ count: 2, left: 4, twice: 0 });
    expect(await previewBulk(ctx, { action: 'revoke', filter: { state: ['SUCCESS'] } })).toMatchObject({
      count: 0,
      left: 1,
    });
  });

  test('retry publishes each once, and leaves out what would run twice, with the reason', async () => {
    const { ctx, published, ended } = setUp([...many]);
    await runBulk(ctx, { ...gate, body: await wish(ctx, 'retry') });
    const operation = await ended();
    expect(published.map(({ call }) => call.retryOf)).toEqual(['1', '4', '6']);
    expect(operation).toMatchObject({ stage: 'acknowledged', progress: { done: 3, skipped: 1, failed: 0, total: 4 } });
    expect(operation?.outcome?.evidence).toMatch(/^3 of 4 tasks .* 1 left out: It would, or might, run twice/);
    expect(operation?.tasks).toEqual(published.map(({ call }) => call.id));
  });

  test('revoke tells all workers, and reads it back', async () => {
    const { ctx, worker, ended } = setUp([...many]);
    await runBulk(ctx, { ...gate, body: await wish(ctx, 'revoke') });
    expect(await ended()).toMatchObject({ stage: 'acknowledged', progress: { done: 2, total: 2 } });
    expect([...worker(A).revoked]).toEqual(['2', '5']);
  });

  test('a worker that says yes and lists nothing: not verified', async () => {
    const { ctx, worker, ended } = setUp([...many]);
    worker(A).lazy = true;
    await runBulk(ctx, { ...gate, body: await wish(ctx, 'revoke') });
    expect(await ended()).toMatchObject({ stage: 'not-verified' });
  });

  test('refused when other tasks match than in the preview, also when they are as many', async () => {
    const { ctx, held, sent } = setUp([...many]);
    const before = await wish(ctx, 'revoke');
    held[1] = taskOf('2', 'SUCCESS');
    await expect(runBulk(ctx, { ...gate, body: before })).rejects.toMatchObject({ code: 'BULK_CHANGED' });
    held.push(taskOf('7', 'PENDING'));
    await expect(runBulk(ctx, { ...gate, body: before })).rejects.toMatchObject({ code: 'BULK_CHANGED' });
    expect(sent).toEqual([]);
  });

  test('what was looked at for one action is not done as another', async () => {
    const { ctx } = setUp([taskOf('1', 'ORPHANED')]);
    const body = { ...(await wish(ctx, 'revoke')), action: 'retry' as const };
    await expect(runBulk(ctx, { ...gate, body })).rejects.toMatchObject({ code: 'BULK_CHANGED' });
  });

  test('a broker that fails again and again ends it, with what was done', async () => {
    const held = Array.from({ length: 60 }, (_, i) => taskOf(String(i)));
    const { ctx, published, broker, ended } = setUp(held);
    Object.assign(broker, { refusal: new Error('no broker answers'), after: 5 });
    await runBulk(ctx, { ...gate, body: await wish(ctx, 'retry') });
    const operation = await ended();
    expect(published.length).toBe(5);
    expect(operation).toMatchObject({ stage: 'not-verified', progress: { done: 5, failed: 20, total: 60 } });
    expect(operation?.outcome?.evidence).toMatch(/Given up after 20 failures/);
  });

  test('called off: the rest is not done', async () => {
    const held = Array.from({ length: 300 }, (_, i) => taskOf(String(i)));
    const { ctx, published, ended } = setUp(held);
    await runBulk(ctx, { ...gate, body: await wish(ctx, 'retry') });
    ctx.operations.abort('r1');
    expect(await ended()).toMatchObject({ stage: 'not-verified' });
    expect(published.length).toBeLessThan(300);
  });

  test('more than the limit is told by the preview, and refused', async () => {
    const held = Array.from({ length: BULK_LIMIT + 5 }, (_, i) => taskOf(String(i)));
    const { ctx } = setUp(held);
    const { hands } = ctx;
    if (hands === null) throw new Error('no hands');
    const wide = { ...ctx, hands: { ...hands, tasks: tasksHeld(held, 500) } };
    const preview = await previewBulk(wide, { action: 'retry', filter: {} });
    expect(preview).toMatchObject({ count: BULK_LIMIT, tooMany: true });
    const body = {
      action: 'retry',
      filter: {},
      count: preview.count,
      fingerprint: preview.fingerprint,
      twice: false,
    } as const;
    await expect(runBulk(wide, { ...gate, body })).rejects.toMatchObject({ code: 'BULK_TOO_MANY' });
  });
});
