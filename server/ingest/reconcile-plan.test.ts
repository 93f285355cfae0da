import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TASK_STATES, type Task } from '#lib/model/task.ts';
import { orphanedNote } from './reconcile-note.ts';
import {
  type DueWindow,
  dueWindows,
  type Evidence,
  GRACE_MS,
  isDue,
  isEndOf,
  isOrphaned,
  isSuspect,
  lastMoment,
  orphanedAt,
  PATIENCE_MS,
  type StoreWord,
  startSweep,
  swept,
  type Whereabouts,
  WITNESS_LIMIT_MS,
  type WorkersWord,
  whereabouts,
  wordOf,
} from './reconcile-plan.ts';

const RUNS = { seed: 11, numRuns: 500 };
const NOW = 1_800_000_000_000;

const TASK: Task = {
  ...{ id: 't', name: 'shop.pay', state: 'STARTED', worker: 'w1', queue: null, args: null, kwargs: null, result: null },
  ...{ exception: null, sentAt: null, receivedAt: NOW - 90_000, startedAt: NOW - 80_000, finishedAt: null },
  ...{ at: NOW - 90_000, runtimeMs: null, waitMs: null, retries: 0, redeliveries: 0, eta: null, expires: null },
  ...{ rootId: null, parentId: null, groupId: null, canary: false, endedBy: null },
};
const sight = (state: 'online' | 'silent' | 'offline', since: number) => ({
  ...{ id: 'w1', state, since, missedTasks: 0, processSince: since },
});
const GONE: Whereabouts = { kind: 'gone', worker: 'w1', how: 'silent', since: NOW - 20_000 };
const ONLINE: Whereabouts = { kind: 'online', worker: 'w1', since: NOW - 900_000, processSince: NOW - 900_000 };
const word = (answered: string[], silent: string[] = [], holders: WorkersWord['holders'] = new Map()): WorkersWord => ({
  ...{ at: NOW, answered, silent, holders },
});
const EVIDENCE: Evidence = {
  ...{ at: GONE, workers: word(['w2']), unasked: null, canAsk: true, store: 'absent', storeAddress: '10.0.0.1:6379' },
};

describe('where a worker is', () => {
  const workers = (...all: ReturnType<typeof sight>[]) => new Map(all.map((one) => [one.id, one]));

  test('it is gone once it was silent, or had said good-bye, for the grace', () => {
    const at = (state: 'silent' | 'offline', forMs: number) =>
      whereabouts('w1', workers(sight(state, NOW - forMs)), NOW - 60_000, NOW).kind;
    expect([at('silent', GRACE_MS - 1), at('silent', GRACE_MS), at('offline', GRACE_MS)]).toEqual([
      'open',
      'gone',
      'gone',
    ]);
  });

  test('nothing is known of anybody while events do not come, and for the grace after that', () => {
    const seen = workers(sight('silent', NOW - 3_600_000));
    const kinds = [null, NOW, NOW - GRACE_MS + 1].map((since) => whereabouts('w1', seen, since, NOW).kind);
    expect(kinds).toEqual(['open', 'open', 'open']);
    expect(whereabouts('nobody', seen, NOW - GRACE_MS + 1, NOW).kind).toBe('open');
  });

  test('one that was never heard while Trellis listened for the grace is unheard', () => {
    expect(whereabouts('w9', workers(), NOW - GRACE_MS, NOW)).toEqual({
      kind: 'unheard',
      worker: 'w9',
      since: NOW - GRACE_MS,
    });
  });
});

describe('when a task is asked about', () => {
  // Rounds come when they come, and a window may be cut short.
  const rounds = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 20_000 }), fc.double({ min: 0.01, max: 1, noNaN: true })),
    {
      minLength: 1,
      maxLength: 200,
    },
  );

  test('never twice at the same age, whenever the rounds come', () => {
    fc.assert(
      fc.property(rounds, fc.integer({ min: 0, max: 4_000_000 }), (steps, ago) => {
        const changed = NOW - ago;
        let sweep = startSweep(NOW);
        let now = NOW;
        const asked = new Map<number, number>();
        for (const [waitMs, share] of steps) {
          now += waitMs;
          for (const { step, from, before } of dueWindows(sweep, now, false)) {
            const until = Math.max(from + 1, Math.floor(from + (before - from) * share));
            if (changed >= from && changed < until) asked.set(step, (asked.get(step) ?? 0) + 1);
            sweep = swept(sweep, step, until);
          }
        }
        expect([...asked.values()].every((times) => times === 1)).toBe(true);
      }),
      RUNS,
    );
  });

  test('at every age that it comes to, when no round is missed', () => {
    let sweep = startSweep(NOW);
    const changed = NOW + 1;
    const ages: number[] = [];
    for (let now = NOW; now <= changed + 3_700_000; now += 5_000) {
      for (const { step, from, before } of dueWindows(sweep, now, false)) {
        if (changed >= from && changed < before) ages.push(PATIENCE_MS[step] ?? 0);
        sweep = swept(sweep, step, before);
      }
    }
    expect(ages).toEqual(PATIENCE_MS.filter((age) => age <= 3_600_000));
  });

  test('one that runs for two days is asked about a dozen times, not with every round', () => {
    expect(PATIENCE_MS.length).toBeLessThanOrEqual(12);
    expect([...PATIENCE_MS].sort((a, b) => a - b)).toEqual([...PATIENCE_MS]);
  });

  test('what was left so long that the next age has come is asked about at that age alone', () => {
    const windows = dueWindows(startSweep(NOW), NOW + 1_000_000, false);
    const covered = (at: number) => windows.filter(({ from, before }: DueWindow) => at >= from && at < before).length;
    fc.assert(
      fc.property(fc.integer({ min: NOW - 10_000_000, max: NOW + 990_000 }), (at) => {
        expect(covered(at)).toBeLessThanOrEqual(1);
      }),
      RUNS,
    );
  });

  test('young tasks are left alone while nothing speaks for a lost event', () => {
    const steps = dueWindows(startSweep(NOW), NOW + 100_000, true).map(({ step }) => PATIENCE_MS[step] ?? 0);
    expect(Math.min(...steps)).toBe(60_000);
    expect(isDue(TASK, 0, false, NOW)).toBe(false);
    expect(isDue(TASK, 0, true, NOW)).toBe(true);
  });

  test('a task that waits for its time is not asked about before', () => {
    const waits = { ...TASK, state: 'RECEIVED', startedAt: null, eta: NOW + 1 } as const;
    expect([isDue(waits, 5, true, NOW), isDue(waits, 5, true, NOW + 1)]).toEqual([false, true]);
  });

  test('a retry that waits for its time is not asked about before, though its first try began', () => {
    const waits = { ...TASK, state: 'RECEIVED', retries: 1, eta: NOW + 1 } as const;
    expect([isDue(waits, 5, true, NOW), isDue(waits, 5, true, NOW + 1)]).toEqual([false, true]);
  });

  test('a gap, missed starts, a restarted or gone worker speak for a lost event', () => {
    expect(isSuspect(TASK, ONLINE, 0, [])).toBe(false);
    expect(isSuspect(TASK, ONLINE, 0, [{ from: 0, to: TASK.at - 1 }])).toBe(false);
    expect(isSuspect(TASK, ONLINE, 0, [{ from: 0, to: TASK.at }])).toBe(true);
    expect(isSuspect(TASK, ONLINE, 1, [])).toBe(true);
    expect(isSuspect(TASK, { ...ONLINE, since: NOW - 1 }, 0, [])).toBe(true);
    expect(isSuspect(TASK, GONE, 0, [])).toBe(true);
  });
});

describe('what the workers say', () => {
  test('who holds a task is named; what is ready there is not held', () => {
    const replies = new Map<string, unknown>([
      ['w2', { a: ['active', {}], b: ['ready', {}] }],
      ['w3', {}],
    ]);
    const { holders, answered, silent } = wordOf(replies, ['w4'], NOW);
    expect([...holders]).toEqual([['a', { worker: 'w2', state: 'active' }]]);
    expect([answered, silent]).toEqual([['w2', 'w3'], ['w4']]);
  });

  test('a reply of any shape says something or nothing, and is never an error', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), (replies) => {
        const { answered, silent } = wordOf(new Map(Object.entries(replies)), [], NOW);
        expect([...answered, ...silent].sort()).toEqual(Object.keys(replies).sort());
      }),
      RUNS,
    );
    expect(wordOf(new Map([['w2', { error: "KeyError('x')" }]]), [], NOW).silent).toEqual(['w2']);
  });
});

describe('when a task is orphaned', () => {
  const evidence = fc.record({
    at: fc.constantFrom<Whereabouts>(
      GONE,
      ONLINE,
      { kind: 'open' },
      { kind: 'unheard', worker: 'w1', since: NOW - 20_000 },
    ),
    workers: fc.option(
      fc.record({
        at: fc.constant(NOW),
        answered: fc.subarray(['w1', 'w2']),
        silent: fc.subarray(['w3']),
        holders: fc.constantFrom<WorkersWord['holders']>(
          new Map(),
          new Map([['t', { worker: 'w2', state: 'active' }]]),
        ),
      }),
    ),
    unasked: fc.constant(null),
    canAsk: fc.boolean(),
    store: fc.constantFrom<StoreWord>('absent', 'unfinished', 'retrying', 'unread', 'none'),
    storeAddress: fc.constant(null),
  });
  const tasks = fc.constantFrom(...TASK_STATES).map((state): Task => ({ ...TASK, state }));

  test('only what a worker had taken, whose worker is known not to have it, that nobody holds and that waits for no retry', () => {
    fc.assert(
      fc.property(tasks, evidence, fc.integer({ min: NOW, max: NOW + 200_000 }), (task, known, now) => {
        if (!isOrphaned(task, known, now)) return;
        expect(['RECEIVED', 'STARTED']).toContain(task.state);
        expect(known.at.kind).not.toBe('open');
        expect(known.workers?.holders.has('t') ?? false).toBe(false);
        expect(known.store).not.toBe('retrying');
        if (known.at.kind === 'online') expect(known.workers?.answered).toContain('w1');
      }),
      RUNS,
    );
  });

  test('once it is, no more time makes it otherwise', () => {
    fc.assert(
      fc.property(tasks, evidence, fc.integer({ min: 0, max: 200_000 }), (task, known, laterMs) => {
        if (isOrphaned(task, known, NOW)) expect(isOrphaned(task, known, NOW + laterMs)).toBe(true);
      }),
      RUNS,
    );
  });

  test('after the grace where its worker began anew and does not have it, and after the limit where it did not', () => {
    const orphaned = (since: number, now: number) =>
      isOrphaned(TASK, { ...EVIDENCE, at: { ...ONLINE, since }, workers: word(['w1', 'w2']) }, now);
    const anew = NOW - 40_000;
    expect([orphaned(anew, anew + GRACE_MS - 1), orphaned(anew, anew + GRACE_MS)]).toEqual([false, true]);
    const startedAt = NOW - 80_000;
    expect([
      orphaned(startedAt - 1, startedAt + WITNESS_LIMIT_MS - 1),
      orphaned(startedAt - 1, startedAt + WITNESS_LIMIT_MS),
    ]).toEqual([false, true]);
  });

  test('at once when everybody was asked and nobody knows', () => {
    expect(isOrphaned(TASK, EVIDENCE, NOW)).toBe(true);
  });

  test.each<[string, Partial<Evidence>]>([
    ['another worker does not answer', { workers: word(['w2'], ['w3']) }],
    ['the workers could not be asked', { workers: null, unasked: 'refused' }],
    ['the result store does not answer', { store: 'unread' }],
  ])('not yet while %s, and then after the limit all the same', (_why, more) => {
    const known = { ...EVIDENCE, ...more };
    const limit = GONE.since + WITNESS_LIMIT_MS;
    expect([isOrphaned(TASK, known, limit - 1), isOrphaned(TASK, known, limit)]).toEqual([false, true]);
  });

  test('without credentials to ask workers the result store alone decides', () => {
    expect(isOrphaned(TASK, { ...EVIDENCE, workers: null, canAsk: false }, NOW)).toBe(true);
  });

  test('on a worker that is there only by its own word', () => {
    const known = { ...EVIDENCE, at: ONLINE };
    expect(isOrphaned(TASK, known, NOW)).toBe(false);
    expect(isOrphaned(TASK, { ...known, workers: word(['w1']) }, NOW)).toBe(true);
    const fresh = { ...TASK, startedAt: NOW - WITNESS_LIMIT_MS + 1 };
    expect(isOrphaned(fresh, { ...known, workers: word(['w1']) }, NOW)).toBe(false);
  });

  test('not while a worker that is well has received it and not begun: that keeps it for a time or a rate limit', () => {
    const received = { ...TASK, state: 'RECEIVED', startedAt: null } as const;
    const known = { ...EVIDENCE, at: ONLINE, workers: word(['w1', 'w2']) };
    for (const task of [received, { ...received, startedAt: TASK.startedAt }]) {
      expect(isOrphaned(task, known, NOW + 86_400_000)).toBe(false);
    }
    const back = { ...ONLINE, since: NOW - 40_000 };
    expect(isOrphaned(received, { ...known, at: back }, NOW)).toBe(false);
    expect(isOrphaned(received, { ...known, at: { ...back, processSince: back.since } }, NOW)).toBe(true);
    expect(isOrphaned(received, { ...EVIDENCE, at: GONE }, NOW)).toBe(true);
  });

  test('as of when its worker fell silent, so that a redelivery that is heard later counts more, and after its own events', () => {
    expect(orphanedAt(TASK, GONE, NOW)).toBe(GONE.since);
    const young = { ...TASK, startedAt: NOW - 1 };
    expect(orphanedAt(young, GONE, NOW)).toBe(NOW);
    fc.assert(
      fc.property(fc.integer({ min: NOW - 100_000, max: NOW + 100_000 }), (startedAt) => {
        const task = { ...TASK, startedAt };
        expect(orphanedAt(task, GONE, NOW)).toBeGreaterThan(lastMoment(task));
      }),
      RUNS,
    );
  });
});

describe('the note of an orphaned task', () => {
  test('says who was asked, what they said, and when', () => {
    expect(orphanedNote(TASK, EVIDENCE, NOW)).toBe(
      'w1 is silent since 07:59:40 UTC; w2 does not know it; no result in 10.0.0.1:6379; it may be redelivered if it acknowledges late (08:00:00 UTC)',
    );
  });

  test('says that the message comes back where the task had not begun', () => {
    expect(orphanedNote({ ...TASK, state: 'RECEIVED' }, EVIDENCE, NOW)).toContain(
      'it had not begun, so it may be redelivered',
    );
  });

  test('says what could not be asked, and why', () => {
    const blind = {
      ...EVIDENCE,
      workers: null,
      unasked: 'acting.rabbitmq is not configured',
      store: 'unread',
    } as const;
    expect(orphanedNote(TASK, blind, NOW)).toContain(
      'other workers were not asked: acting.rabbitmq is not configured; the result store did not answer',
    );
  });
});

describe('a stored end', () => {
  test.each([
    ['a success, whenever it was', 'SUCCESS', 0, true],
    ['a failure of this run', 'FAILURE', NOW, true],
    ['a failure of an earlier run', 'FAILURE', NOW - 95_000, false],
    ['a failure without a time', 'FAILURE', null, true],
    ['a state of the task itself', 'PROGRESS', NOW, false],
    ['a retry', 'RETRY', NOW, false],
  ] as const)('%s', (_what, status, doneAt, is) => expect(isEndOf(TASK, status, doneAt)).toBe(is));
});
