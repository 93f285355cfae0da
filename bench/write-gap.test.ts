import { describe, expect, it } from 'vitest';
import { longestGapMs } from './write-gap.ts';

describe('the longest gap between acknowledged writes', () => {
  it('is found wherever it lies', () => {
    expect(longestGapMs([0, 10, 300, 310, 320], 5, 320)).toBe(290);
  });

  it('begins with the last write before the time that is asked about', () => {
    expect(longestGapMs([0, 100, 900, 910], 200, 910)).toBe(800);
  });

  it('goes on to the end where nothing is acknowledged any more', () => {
    expect(longestGapMs([0, 10, 20], 5, 5_020)).toBe(5_000);
  });

  it('is not told where nothing was ever acknowledged', () => {
    expect(longestGapMs([], 0, 1_000)).toBeNull();
  });
});
