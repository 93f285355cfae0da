import { describe, expect, test } from 'vitest';
import type { ControlOutcome, ControlStep, WorkerCommand } from '#lib/contract/control.ts';
import { simulatedWorkers } from './simulated-workers.ts';

const A = 'celery@a';
const B = 'celery@b';

/** Commands, and tells how it ended and which stages it went through. */
async function commanded(
  lab: ReturnType<typeof simulatedWorkers>,
  command: WorkerCommand,
  each?: (passedMs: number) => void,
  signal = new AbortController().signal,
): Promise<ControlOutcome & { stages: string[] }> {
  const steps: Omit<ControlStep, 'at'>[] = [];
  const work = lab.control.command(command, signal, (stage, text) => steps.push({ stage, text }));
  const outcome = await lab.ending(work, each);
  return { ...outcome, stages: steps.map(({ stage }) => stage) };
}

const methods = ({ sent }: ReturnType<typeof simulatedWorkers>) => sent.map(({ method }) => method);

describe('a command is verified by what the worker shows afterwards, not by its yes', () => {
  test.each<[WorkerCommand, RegExp]>([
    [{ method: 'pool_grow', worker: A, n: 2 }, /its pool has 6, and had 4/],
    [{ method: 'pool_shrink', worker: A, n: 1 }, /its pool has 3, and had 4/],
    [{ method: 'add_consumer', worker: A, queue: 'mail' }, /it consumes celery and mail/],
    [{ method: 'cancel_consumer', worker: A, queue: 'celery' }, /it consumes no queue/],
    [{ method: 'rate_limit', worker: A, task: 'lab.add', rate: '10/m' }, /lab\.add has rate limit 10\/m/],
    [{ method: 'disable_events', worker: A }, /asked again, it says that task events are disabled/],
  ])('%j', async (command, evidence) => {
    const good = simulatedWorkers(A, B);
    const done = await commanded(good, command);
    expect([done.stage, done.stages]).toEqual(['verified', ['requested', 'acknowledged']]);
    expect(done.evidence).toMatch(evidence);
    expect(Object.keys(done.replies)).toEqual([A]);

    const lazy = simulatedWorkers(A, B);
    lazy.worker(A).lazy = true;
    const undone = await commanded(lazy, command);
    expect([undone.stage, undone.stages]).toEqual(['not-verified', ['requested', 'acknowledged']]);
    expect(undone.tookMs).toBeGreaterThanOrEqual(10_000);
  });
});

test('an effect that shows late is still seen', async () => {
  const lab = simulatedWorkers(A);
  lab.worker(A).lazy = true;
  const done = await commanded(lab, { method: 'add_consumer', worker: A, queue: 'mail' }, (passedMs) => {
    if (passedMs >= 5_000) lab.worker(A).queues.add('mail');
  });
  expect(done.stage).toBe('verified');
});

describe('what must not be sent, or is refused', () => {
  test('a paused worker: nothing is sent, so that it does nothing when it comes back', async () => {
    const lab = simulatedWorkers(A);
    lab.worker(A).paused = true;
    const done = await commanded(lab, { method: 'pool_grow', worker: A, n: 1 });
    expect([done.stage, done.stages]).toEqual(['not-verified', ['requested', 'no-answer']]);
    expect(done.evidence).toMatch(/^Nothing was sent: celery@a does not answer \(its heartbeat is \d+ s old\)/);
    expect(new Set(methods(lab))).toEqual(new Set(['stats']));
  });

  test('one that is paused when it is told: not verified, and until when it may still do it', async () => {
    const lab = simulatedWorkers(A);
    lab.wire.beforeSending = (method) => {
      if (method === 'pool_grow') lab.worker(A).paused = true;
    };
    const done = await commanded(lab, { method: 'pool_grow', worker: A, n: 1 });
    expect([done.stage, done.stages]).toEqual(['not-verified', ['requested', 'no-answer']]);
    expect(done.evidence).toMatch(/celery@a did not acknowledge, and may still do it within 30 s/);
    const told = lab.sent.find(({ method }) => method === 'pool_grow');
    expect(told?.expires).toBe(1_800_000_000_000 + 30_000);
  });

  test('the worker that comes back while it is asked is told then', async () => {
    const lab = simulatedWorkers(A);
    lab.worker(A).paused = true;
    const done = await commanded(lab, { method: 'pool_grow', worker: A, n: 1 }, (passedMs) => {
      lab.worker(A).paused = passedMs < 4_000;
    });
    expect([done.stage, done.stages]).toEqual(['verified', ['requested', 'no-answer', 'acknowledged']]);
  });

  test('the last process of a pool is not taken', async () => {
    const lab = simulatedWorkers(A);
    const done = await commanded(lab, { method: 'pool_shrink', worker: A, n: 4 });
    expect([done.stage, methods(lab)]).toEqual(['refused', ['stats']]);
  });

  test('a task that the worker does not know', async () => {
    const lab = simulatedWorkers(A);
    const done = await commanded(lab, { method: 'rate_limit', worker: A, task: 'nosuch', rate: '1/s' });
    expect([done.stage, methods(lab)]).toEqual(['refused', ['registered']]);
  });

  test.each<[WorkerCommand, RegExp]>([
    [{ method: 'autoscale', worker: A, min: 1, max: 5 }, /Autoscale not enabled/],
    [{ method: 'pool_restart', worker: A }, /Pool restarts not enabled/],
  ])("the worker's own refusal is told in its words: %j", async (command, words) => {
    const done = await commanded(simulatedWorkers(A), command);
    expect(done.stage).toBe('refused');
    expect(done.evidence).toMatch(words);
  });
});

describe('all workers', () => {
  test('verified only when each of them shows it', async () => {
    const lab = simulatedWorkers(A, B);
    const command = { method: 'rate_limit', worker: null, task: 'lab.add', rate: '5/s' } as const;
    expect((await commanded(lab, command)).stage).toBe('verified');
    const half = simulatedWorkers(A, B);
    half.worker(B).lazy = true;
    const done = await commanded(half, command);
    expect(done.stage).toBe('not-verified');
    expect(done.evidence).toMatch(/celery@b: lab\.add has rate limit none/);
  });

  test('a silent one keeps it from being verified, and the others are told all the same', async () => {
    const lab = simulatedWorkers(A, B);
    lab.worker(B).paused = true;
    const done = await commanded(lab, { method: 'rate_limit', worker: null, task: 'lab.add', rate: '5/s' });
    expect(done.stage).toBe('not-verified');
    expect(lab.worker(A).rateLimits.get('lab.add')).toBe('5/s');
    expect(done.evidence).toMatch(/celery@b does not answer/);
  });
});

describe('shut down', () => {
  test('is verified only when the process is gone', async () => {
    const lab = simulatedWorkers(A, B);
    const done = await commanded(lab, { method: 'shutdown', worker: A });
    expect([done.stage, lab.worker(A).gone, lab.worker(B).gone]).toEqual(['verified', true, false]);
    const lazy = simulatedWorkers(A);
    lazy.worker(A).lazy = true;
    expect((await commanded(lazy, { method: 'shutdown', worker: A })).stage).toBe('not-verified');
  });

  test('a worker that does not answer is not told', async () => {
    const lab = simulatedWorkers(A);
    lab.worker(A).paused = true;
    expect((await commanded(lab, { method: 'shutdown', worker: A })).stage).toBe('not-verified');
    expect(methods(lab)).toEqual(['ping']);
  });
});

describe('drain', () => {
  const drain = (waitSeconds: number) => ({ method: 'drain', worker: A, waitSeconds }) as const;

  test('takes the queues first, waits until nothing is left, and only then shuts down', async () => {
    const lab = simulatedWorkers(A);
    const worker = lab.worker(A);
    Object.assign(worker, { active: ['1'], reserved: ['2'], scheduled: ['3'] });
    const done = await commanded(lab, drain(60), (passedMs) => {
      if (passedMs > 3_000) worker.active = worker.reserved.splice(0, 1);
      if (passedMs > 6_000) worker.active = [];
      if (passedMs > 9_000) worker.scheduled = [];
      if (passedMs < 9_000) expect(worker.gone).toBe(false);
    });
    expect([done.stage, worker.gone]).toEqual(['verified', true]);
    expect(done.evidence).toMatch(/was empty, was told to shut down, and is gone: it said good-bye/);
    expect(methods(lab).indexOf('cancel_consumer')).toBeLessThan(methods(lab).indexOf('shutdown'));
  });

  test('when the time is over it leaves the consumers cancelled, says so, and offers to add them again', async () => {
    const lab = simulatedWorkers(A);
    lab.worker(A).active = ['1'];
    lab.worker(A).queues.add('mail');
    const done = await commanded(lab, drain(10));
    expect([done.stage, lab.worker(A).gone, lab.worker(A).queues.size]).toEqual(['not-verified', false, 0]);
    expect(done.evidence).toMatch(/still held 1 running .* consumers of celery and mail stay cancelled/);
    expect(done.offers).toEqual([
      { method: 'add_consumer', worker: A, queue: 'celery' },
      { method: 'add_consumer', worker: A, queue: 'mail' },
    ]);
    expect(methods(lab)).not.toContain('shutdown');
  });

  test('called off: nothing more is sent', async () => {
    const lab = simulatedWorkers(A);
    lab.worker(A).active = ['1'];
    const controller = new AbortController();
    const each = (passedMs: number) => {
      if (passedMs >= 3_000) controller.abort();
    };
    const done = await commanded(lab, drain(600), each, controller.signal);
    expect([done.stage, done.offers?.length]).toEqual(['not-verified', 1]);
    expect(methods(lab)).not.toContain('shutdown');
  });
});

describe('revoke', () => {
  const never = new AbortController().signal;
  const how = { terminate: false, signal: 'SIGTERM' } as const;

  test('is acknowledged when all workers list it', async () => {
    const lab = simulatedWorkers(A, B);
    const done = await lab.ending(lab.control.revoke(['1'], how, never));
    expect(done.stage).toBe('acknowledged');
    expect(done.evidence).toMatch(/celery@a and celery@b list it as revoked/);
  });

  test('a worker that does not list it, or does not answer, keeps it from that', async () => {
    const lazy = simulatedWorkers(A, B);
    lazy.worker(B).lazy = true;
    expect((await lazy.ending(lazy.control.revoke(['1'], how, never))).evidence).toMatch(/celery@b does not list it/);
    const paused = simulatedWorkers(A, B);
    paused.worker(B).paused = true;
    const done = await paused.ending(paused.control.revoke(['1'], how, never));
    expect(done).toMatchObject({ stage: 'not-verified' });
    expect(done.evidence).toMatch(/celery@b did not answer and may run it/);
  });

  test('terminate is verified when who ran it no longer does', async () => {
    const lab = simulatedWorkers(A, B);
    lab.worker(B).active = ['1', '2'];
    const kill = { terminate: true, signal: 'SIGKILL' } as const;
    const done = await lab.ending(lab.control.revoke(['1'], kill, never));
    expect([done.stage, done.evidence]).toEqual(['verified', 'celery@b no longer runs it.']);
    expect(lab.worker(B).active).toEqual(['2']);
    const lazy = simulatedWorkers(A);
    Object.assign(lazy.worker(A), { active: ['1'], lazy: true });
    expect((await lazy.ending(lazy.control.revoke(['1'], kill, never))).stage).toBe('not-verified');
  });

  test('nobody answers: no answer', async () => {
    const lab = simulatedWorkers(A);
    lab.worker(A).paused = true;
    expect((await lab.ending(lab.control.revoke(['1'], how, never))).stage).toBe('no-answer');
  });
});

describe('the connection', () => {
  test('a broker that cannot be reached: an error with a code, and the next call tries again', async () => {
    const lab = simulatedWorkers(A);
    lab.wire.refused = new Error('nobody listens');
    const ping = () => lab.ending(lab.control.inspect('ping', { workers: [A], timeoutMs: 1_000 }));
    await expect(ping()).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE', sent: false });
    lab.wire.refused = null;
    expect(await ping()).toEqual({ [A]: { ok: 'pong' } });
  });

  test('lost while workers are asked: nobody knows, at once; then a new one is opened', async () => {
    const lab = simulatedWorkers(A);
    lab.worker(A).paused = true;
    const asking = lab.control.inspect('ping', { workers: [A], timeoutMs: 60_000 });
    const ended = lab.ending(asking, () => lab.wire.lose(new Error('cut')));
    await expect(ended).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE', sent: true });
    lab.worker(A).paused = false;
    expect(await lab.ending(lab.control.inspect('ping', { workers: null, timeoutMs: 1_000 }))).toHaveProperty([A]);
    expect(lab.wire.opened).toBe(2);
  });

  test('a question ends with the last expected answer, or at its time limit with those that came', async () => {
    const lab = simulatedWorkers(A, B);
    const began = lab.clock.now();
    expect(Object.keys(await lab.ending(lab.control.inspect('ping', { workers: null, timeoutMs: 5_000 })))).toEqual([
      A,
      B,
    ]);
    expect(lab.clock.now()).toBe(began);
    lab.worker(B).paused = true;
    expect(Object.keys(await lab.ending(lab.control.inspect('ping', { workers: null, timeoutMs: 5_000 })))).toEqual([
      A,
    ]);
    expect(lab.clock.now()).toBe(began + 5_000);
  });
});
