import { expect, test } from 'vitest';
import type { ControlOutcome } from '#lib/contract/control.ts';
import type { AuditNote } from '#server/audit/audit.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { createOperations, ENDED_KEPT, type OperationHandle } from './operations.ts';

const identity = { name: 'token:ops', role: 'operator', scopes: null } as const;
const VERIFIED: ControlOutcome = { stage: 'verified', replies: {}, evidence: 'It shows.', tookMs: 1 };

function setUp() {
  const clock = manualClock(1_000);
  const notes: AuditNote[] = [];
  const problems: string[] = [];
  const audit = { broken: false };
  const operations = createOperations({
    clock,
    audit: {
      async append(note) {
        if (audit.broken) throw new Error('disk full');
        notes.push(note);
        return { ...note, seq: 1, at: 1, previous: '', hash: '' };
      },
    },
    onProblem: (message) => problems.push(message),
  });
  const start = (id: string, work: (handle: OperationHandle) => Promise<ControlOutcome>, exclusive?: string) => {
    const what = { id, action: 'worker.pool', target: 'workers/a', reason: 'because', identity } as const;
    return operations.start(exclusive === undefined ? what : { ...what, exclusive }, work);
  };
  return { clock, notes, problems, audit, operations, start };
}
const turns = () => new Promise<void>((resolve) => setImmediate(resolve));

test('shows its steps as they come, and its end; the end goes into the audit under the id of the write', async () => {
  const { operations, start, notes, clock } = setUp();
  const end = Promise.withResolvers<ControlOutcome>();
  const began = start('r1', ({ step, progress, published }) => {
    step('acknowledged', 'Yes.');
    progress({ done: 1, skipped: 0, failed: 0, total: 2 });
    published('t1');
    return end.promise;
  });
  expect(began).toMatchObject({ id: 'r1', by: 'token:ops', endedAt: null, outcome: null });
  expect(operations.get('r1')).toMatchObject({ stage: 'acknowledged', progress: { done: 1 }, tasks: ['t1'] });
  expect(notes).toEqual([]);
  clock.advance(500);
  end.resolve(VERIFIED);
  await turns();
  expect(operations.get('r1')).toMatchObject({ stage: 'verified', endedAt: 1_500, outcome: VERIFIED });
  expect(operations.get('r1')?.steps.map(({ text }) => text)).toEqual(['Yes.', 'It shows.']);
  expect(notes).toMatchObject([
    { request: 'r1', phase: 'after', outcome: 'verified', actor: 'token:ops', reason: 'because' },
  ]);
});

test('work that throws ends as failed, also at once, and is audited so', async () => {
  const { operations, start, notes } = setUp();
  start('r1', () => {
    throw new Error('at once');
  });
  start('r2', () => Promise.reject(new Error('later')));
  await turns();
  expect(operations.list().map(({ stage, outcome }) => [stage, outcome?.evidence])).toEqual([
    ['failed', 'later'],
    ['failed', 'at once'],
  ]);
  expect(notes.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
});

test('one at a time for the same thing; another thing, or after the end, is free', async () => {
  const { start } = setUp();
  const end = Promise.withResolvers<ControlOutcome>();
  start('r1', () => end.promise, 'workers/a');
  expect(() => start('r2', () => end.promise, 'workers/a')).toThrow(
    expect.objectContaining({ code: 'OPERATION_UNDER_WAY', message: expect.stringContaining('r1') }),
  );
  start('r3', () => end.promise, 'workers/b');
  end.resolve(VERIFIED);
  await turns();
  expect(start('r4', async () => VERIFIED, 'workers/a').id).toBe('r4');
});

test('abort reaches the work, and only while it is under way', async () => {
  const { operations, start } = setUp();
  start('r1', ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(VERIFIED))));
  expect(operations.abort('r1')).toBe(true);
  await turns();
  expect([operations.abort('r1'), operations.abort('nosuch')]).toEqual([false, false]);
});

test('stop calls off all, and waits until their ends are in the audit', async () => {
  const { operations, start, notes } = setUp();
  for (const id of ['r1', 'r2'])
    start(id, ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(VERIFIED))));
  await operations.stop();
  expect(notes.length).toBe(2);
});

test('what ended does not change any more', async () => {
  const { operations, start } = setUp();
  let late: OperationHandle | null = null;
  start('r1', async (handle) => {
    late = handle;
    return VERIFIED;
  });
  await turns();
  (late as OperationHandle | null)?.step('requested', 'late');
  expect(operations.get('r1')?.stage).toBe('verified');
});

test('so many that ended are kept, the oldest go first; those under way stay', async () => {
  const { operations, start } = setUp();
  start('running', () => new Promise(() => undefined));
  for (let i = 0; i < ENDED_KEPT + 5; i += 1) start(`r${i}`, async () => VERIFIED);
  await turns();
  expect(operations.list().length).toBe(ENDED_KEPT + 1);
  expect([operations.get('running')?.endedAt, operations.get('r4'), operations.get('r5')?.stage]).toEqual([
    null,
    null,
    'verified',
  ]);
});

test('of very many steps the first and the newest are kept', async () => {
  const { operations, start } = setUp();
  start('r1', async ({ step }) => {
    for (let i = 0; i < 500; i += 1) step('acknowledged', String(i));
    return VERIFIED;
  });
  await turns();
  const texts = operations.get('r1')?.steps.map(({ text }) => text) ?? [];
  expect([texts.length, texts[0], texts.at(-1)]).toEqual([50, '0', 'It shows.']);
});

test('an audit that cannot be written is told, and the operation has its end all the same', async () => {
  const { operations, start, problems, audit } = setUp();
  audit.broken = true;
  start('r1', async () => VERIFIED);
  await turns();
  expect([operations.get('r1')?.stage, problems]).toEqual(['verified', ['r1: disk full']]);
});
