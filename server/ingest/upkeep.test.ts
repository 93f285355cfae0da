import { expect, test } from 'vitest';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { startUpkeep } from './upkeep.ts';

function setUp() {
  const clock = manualClock();
  const store = { left: 0, deleted: 0, upkeeps: 0, failure: null as Error | null };
  const state = { idle: true };
  const problems: string[] = [];
  const stop = startUpkeep({
    writer: {
      retain() {
        if (store.failure !== null) throw store.failure;
        const deleted = Math.min(1, store.left);
        store.left -= deleted;
        store.deleted += deleted;
        return { deleted, more: store.left > 0 };
      },
      upkeep: () => {
        store.upkeeps += 1;
      },
    },
    limits: { maxAgeMs: 1, maxRows: 1, maxBytes: 1 },
    idle: () => state.idle,
    clock,
    onProblem: (message) => problems.push(message),
  });
  return { clock, store, state, problems, stop };
}

test('what is too old goes slice by slice, with pauses, and upkeep comes after it', () => {
  const { clock, store } = setUp();
  store.left = 10;
  clock.advance(5_000);
  expect([store.deleted, store.upkeeps]).toEqual([1, 0]);
  clock.advance(1_000);
  expect([store.deleted, store.upkeeps]).toEqual([10, 1]);
});

test('while events come in it waits for an idle moment, but not for ever', () => {
  const { clock, store, state } = setUp();
  store.left = 1;
  state.idle = false;
  clock.advance(20_000);
  expect(store.deleted).toBe(0);
  clock.advance(20_000);
  expect([store.deleted, store.upkeeps]).toEqual([1, 0]);
});

test('a failure ends nothing and is told once; after stop nothing more is done', () => {
  const { clock, store, problems, stop } = setUp();
  store.failure = new Error('the disk is full');
  clock.advance(60_000);
  expect(problems).toEqual(['clean-up of tasks: the disk is full']);
  store.failure = null;
  store.left = 1;
  clock.advance(5_000);
  expect(store.deleted).toBe(1);
  stop();
  store.left = 1;
  clock.advance(60_000);
  expect(store.left).toBe(1);
});
