import { describe, expect, it } from 'vitest';
import { allPass, jsonLine, quantile, single, worstOf } from './report.ts';

describe('results', () => {
  it('count the worst value against the target, and show the median', () => {
    expect(worstOf('m', [100, 900, 200], 'ms', 500)).toMatchObject({ value: 900, median: 200, count: 3, pass: false });
    expect(worstOf('m', [100, 500, 200], 'ms', 500)).toMatchObject({ value: 500, pass: true });
  });

  it('count what was not seen, and what was not measured, as missed', () => {
    expect(worstOf('m', [100, null], 'ms', 500)).toMatchObject({ value: null, pass: false });
    expect(worstOf('m', [], 'ms', 500)).toMatchObject({ value: null, pass: false });
    expect(single('m', null, 'ms', 500).pass).toBe(false);
    expect(single('m', Number.NaN, 'ms', 500).pass).toBe(false);
  });

  it('without a target are neither passed nor failed', () => {
    expect(worstOf('m', [100], 'ms', null).pass).toBeNull();
    expect(allPass([single('a', 1, '', null), single('b', 1, '', 1)])).toBe(true);
    expect(allPass([single('a', 1, '', null), single('b', 2, '', 1)])).toBe(false);
  });

  it('travel as one line with exactly the agreed fields', () => {
    expect(jsonLine('x', [worstOf('m', [1, 2], 'ms', 3, 'peer')])).toBe(
      '{"bench":"x","results":[{"metric":"m","value":2,"unit":"ms","target":3,"pass":true}]}',
    );
  });
});

describe('a quantile', () => {
  it('is the nearest rank, so that p95 of ten is the worst', () => {
    const ten = [10, 1, 9, 2, 8, 3, 7, 4, 6, 5];
    expect(quantile(ten, 0.95)).toBe(10);
    expect(quantile(ten, 0.5)).toBe(5);
    expect(quantile([], 0.5)).toBeNull();
  });
});
