import { describe, expect, test } from 'vitest';
import { factOf, transitionOf } from './history-contract.ts';
import { createWaiting } from './waiting.ts';

const noticed = (...ids: number[]) => ({ transitions: ids.map((id) => transitionOf(id)), facts: [], blind: [] });

describe('what waits to be stored', () => {
  test('is the same batch until it is stored, whatever comes meanwhile', () => {
    const waiting = createWaiting();
    waiting.add(noticed(1, 2));
    const batch = waiting.take();
    waiting.add(noticed(3));
    expect(waiting.take()).toBe(batch);
    expect(waiting.pending).toBe(3);
    waiting.stored();
    expect(waiting.take().transitions.map(({ id }) => id)).toEqual([3]);
    waiting.stored();
    expect(waiting.empty).toBe(true);
  });

  test('is at the end the batch under way and all that came since, the last word of a fact last', () => {
    const waiting = createWaiting();
    waiting.add({ ...noticed(1), facts: [factOf('x', '1')] });
    waiting.take();
    waiting.add({ ...noticed(2), facts: [factOf('x', '2')] });
    const all = waiting.takeAll();
    expect(all.transitions.map(({ id }) => id)).toEqual([1, 2]);
    expect(all.facts).toEqual([factOf('x', '1'), factOf('x', '2')]);
  });

  test('is bounded: the oldest give way, are counted, and leave a mark of the time that is missing', () => {
    const waiting = createWaiting(3);
    waiting.add(noticed(1_000, 2_000));
    waiting.add(noticed(3_000, 4_000, 5_000));
    expect([waiting.pending, waiting.dropped]).toEqual([3, 2]);
    const batch = waiting.take();
    expect(batch.transitions.map(({ id }) => id)).toEqual([3_000, 4_000, 5_000]);
    expect(batch.blind).toEqual([{ id: 'trellis@1', what: 'trellis', from: 1, to: 2, code: 'dropped' }]);
    waiting.stored();
    expect(waiting.take().blind).toEqual([]);
  });

  test('holds a fact and a stretch once, with their last word', () => {
    const waiting = createWaiting();
    const stretch = { id: 'a@1', what: 'a', from: 1, to: null, code: 'refused' } as const;
    waiting.add({ transitions: [], facts: [factOf('x', '1')], blind: [stretch] });
    waiting.add({ transitions: [], facts: [factOf('x', '2')], blind: [{ ...stretch, to: 9 }] });
    expect(waiting.take()).toEqual({ transitions: [], facts: [factOf('x', '2')], blind: [{ ...stretch, to: 9 }] });
  });

  test('gets ids behind the stored ones when the clock went back, and keeps its order', () => {
    const waiting = createWaiting();
    waiting.add(noticed(5_000, 6_000));
    expect(waiting.renumberAfter(4_000)).toBe(6_000);
    expect(waiting.renumberAfter(9_000)).toBe(10_001);
    expect(waiting.transitions().map(({ id }) => id)).toEqual([9_001, 10_001]);
  });
});
