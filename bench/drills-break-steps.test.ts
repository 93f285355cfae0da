import { describe, expect, it } from 'vitest';
import type { Run } from '#lib/model/drill.ts';
import { stepHit, stepsToStrike } from './drills-break-steps.ts';

const step = (id: string, startedAt: number | null, endedAt: number | null): Run['steps'][number] => ({
  ...{ id, title: id, limitMs: 1_000, state: startedAt === null ? 'skipped' : 'unknown', says: '' },
  ...{ startedAt, endedAt },
});

describe('the step that was hit', () => {
  const steps = [step('hold', 1_004, 1_010), step('offsets', 1_012, null), step('failover', null, null)];

  it('is the last that began', () => {
    expect(stepHit({ steps, verdict: 'unknown' }, 'kill')).toBe('offsets');
    expect(stepHit({ steps, verdict: 'aborted' }, 'abort')).toBe('offsets');
  });

  it('is none where the run ended in another way', () => {
    expect(stepHit({ steps, verdict: 'failed' }, 'abort')).toBeNull();
    expect(stepHit({ steps, verdict: 'held' }, 'kill')).toBeNull();
    expect(stepHit({ steps: [step('hold', null, null)], verdict: 'aborted' }, 'abort')).toBeNull();
  });
});

describe('the steps to strike', () => {
  it('are all, or the first, the middle and the last, each once', () => {
    expect(stepsToStrike(['a', 'b', 'c', 'd', 'e'], true)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(stepsToStrike(['a', 'b', 'c', 'd', 'e'], false)).toEqual(['a', 'c', 'e']);
    expect(stepsToStrike(['a', 'b'], false)).toEqual(['a', 'b']);
    expect(stepsToStrike(['a'], false)).toEqual(['a']);
  });
});
