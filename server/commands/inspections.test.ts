import { expect, test } from 'vitest';
import { simulatedWorkers } from '#server/actions/simulated-workers.ts';
import { createInspections } from './inspections.ts';

const A = 'celery@a';
const B = 'celery@b';

function setUp() {
  const lab = simulatedWorkers(A, B);
  const inspections = createInspections(lab);
  return Object.assign(lab, { inspections });
}

test('all who ask within a second share one question; then it is asked again', async () => {
  const { inspections, sent, clock, ending } = setUp();
  const ask = () => inspections.ask(A, { method: 'stats' });
  await ending(Promise.all([ask(), ask(), ask()]));
  clock.advance(900);
  await ending(ask());
  expect(sent.length).toBe(1);
  clock.advance(200);
  await ending(ask());
  await ending(inspections.ask(B, { method: 'stats' }));
  expect(sent.length).toBe(3);
});

test('who does not answer in time is named', async () => {
  const { inspections, worker, ending } = setUp();
  worker(B).paused = true;
  expect(await ending(inspections.ask(B, { method: 'ping' }))).toMatchObject({
    replies: {},
    silent: [B],
    tookMs: 1_000,
  });
  const all = await ending(inspections.ask('all', { method: 'ping' }));
  expect([Object.keys(all.replies), all.silent]).toEqual([[A], [B]]);
});

test('four questions at most are on their way at once, and beyond those that wait none is taken', async () => {
  const { inspections, worker, sent, ending } = setUp();
  worker(A).paused = true;
  const asking = Array.from({ length: 68 }, (_, i) => inspections.ask(A, { method: 'query_task', id: [String(i)] }));
  await expect(inspections.ask(A, { method: 'clock' })).rejects.toMatchObject({ code: 'INSPECT_BUSY' });
  const seen: number[] = [];
  await ending(Promise.all(asking), (passedMs) => {
    seen.push(sent.length - 4 * Math.ceil((passedMs + 1) / 1_000));
  });
  expect(Math.max(...seen)).toBeLessThanOrEqual(4);
  expect(sent.length).toBe(68);
  worker(A).paused = false;
  expect(await ending(inspections.ask(A, { method: 'clock' }))).toMatchObject({ method: 'clock' });
});

test('an error is not kept', async () => {
  const { inspections, wire, ending } = setUp();
  wire.refused = new Error('nobody listens');
  await expect(ending(inspections.ask(A, { method: 'ping' }))).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
  wire.refused = null;
  expect(await ending(inspections.ask(A, { method: 'ping' }))).toMatchObject({ silent: [] });
});

test('arguments of tasks come without secrets', async () => {
  const { clock, model } = setUp();
  const request = {
    id: '1',
    args: ["{'token': 'hidden'}"],
    kwargs: { credit_card: 'hidden', list: [{ passwd: ['hidden'] }] },
  };
  const inspections = createInspections({ control: { inspect: async () => ({ [A]: [request] }) }, model, clock });
  const told = JSON.stringify(await inspections.ask(A, { method: 'active' }));
  expect(told).not.toContain('hidden');
  expect(told).toContain('"id":"1"');
});
