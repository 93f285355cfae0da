import { describe, expect, it } from 'vitest';
import { overlapMs, type Sample } from './master-overlap.ts';

const seen = (fromMs: number, toMs: number, yes = true): Sample[] =>
  Array.from({ length: (toMs - fromMs) / 20 }, (_, n) => ({ at: fromMs + n * 20, yes }));

describe('two at once', () => {
  it('are counted from the first moment of the second to the last of the first', () => {
    const old = [...seen(0, 11_000), ...seen(11_000, 12_000, false)];
    const heir = [...seen(0, 1_000, false), ...seen(1_000, 12_000)];
    expect(overlapMs([old, heir, seen(0, 12_000, false)])).toBe(10_000);
  });

  it('are none where one ends before the other begins', () => {
    const old = [...seen(0, 1_000), ...seen(1_000, 3_000, false)];
    const heir = [...seen(0, 1_200, false), ...seen(1_200, 3_000)];
    expect(overlapMs([old, heir])).toBe(0);
  });

  it('are not made up while one of them does not answer', () => {
    const silent = [...seen(0, 1_000), { at: 5_000, yes: true }];
    const heir = [...seen(0, 1_000, false), ...seen(1_000, 5_000)];
    expect(overlapMs([silent, heir])).toBe(40);
  });

  it('are counted once where there are three', () => {
    expect(overlapMs([seen(0, 1_020), seen(0, 1_020), seen(0, 1_020)])).toBe(1_000);
  });
});
