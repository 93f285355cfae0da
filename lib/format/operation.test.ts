import { expect, test } from 'vitest';
import { describeProgress } from './operation.ts';

test('progress names what was done, and of the rest only what there is', () => {
  expect(describeProgress({ done: 0, skipped: 0, failed: 0, total: 5 })).toBe('0 done');
  expect(describeProgress({ done: 1_204, skipped: 3, failed: 1, total: null })).toBe(
    '1,204 done, 3 left out, 1 failed',
  );
});
