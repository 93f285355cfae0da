import { describe, expect, it } from 'vitest';
import { compareTasks, describeComparison, isComplete, type LedgerTask, type ToldTask } from './task-ledger.ts';
import { parseGeneratorLedger } from './task-ledger-files.ts';

const task = (id: string, change: Partial<LedgerTask> = {}): LedgerTask => {
  return { id, confirmed: true, state: 'SUCCESS', retries: 0, ...change };
};
const told = (id: string, change: Partial<ToldTask> = {}): ToldTask => {
  return { id, state: 'SUCCESS', retries: 0, endedBy: 'events', ...change };
};

describe('a history is complete', () => {
  it('when every confirmed task is there once with its true end; tasks of others do not matter', () => {
    const comparison = compareTasks(
      [task('a'), task('b', { state: 'FAILURE' })],
      [told('b', { state: 'FAILURE' }), told('x'), told('x'), told('a')],
    );
    expect(isComplete(comparison)).toBe(true);
    expect(comparison.confirmed).toBe(2);
  });

  it('not when a confirmed task is missing', () => {
    const comparison = compareTasks([task('a'), task('b')], [told('a')]);
    expect(comparison.missing).toEqual(['b']);
    expect(isComplete(comparison)).toBe(false);
  });

  it('not when a task is there twice', () => {
    const comparison = compareTasks([task('a')], [told('a'), told('a')]);
    expect(comparison.repeated).toEqual(['a']);
    expect(isComplete(comparison)).toBe(false);
  });

  it('not when a task has another end, or none yet', () => {
    for (const state of ['FAILURE', 'STARTED', 'ORPHANED', 'PENDING'] as const) {
      const comparison = compareTasks([task('a')], [told('a', { state })]);
      expect(comparison.wrongEnds).toEqual([`a: ${state} instead of SUCCESS`]);
      expect(isComplete(comparison)).toBe(false);
    }
  });
});

it('a task that was not confirmed may be missing; one that is there must end as it truly did', () => {
  const unconfirmed = task('a', { confirmed: false });
  expect(isComplete(compareTasks([unconfirmed], []))).toBe(true);
  expect(compareTasks([unconfirmed], [told('a', { state: 'FAILURE' })]).wrongEnds).toHaveLength(1);
});

it('an end that the ledger does not know is counted, and nothing is held against it', () => {
  const comparison = compareTasks([task('a', { state: null, retries: null })], [told('a', { state: 'STARTED' })]);
  expect(comparison).toMatchObject({ unknown: 1, wrongEnds: [], wrongRetries: [] });
});

it('retries are compared where they are known, and ends from the result store are counted', () => {
  const comparison = compareTasks([task('a', { retries: 2 })], [told('a', { retries: 1, endedBy: 'result store' })]);
  expect(comparison.wrongRetries).toEqual(['a: 1 retries instead of 2']);
  expect(comparison.backfilled).toBe(1);
});

it('the line for people names the first few of what is wrong', () => {
  const ledger = Array.from({ length: 9 }, (_, n) => task(`t${n}`));
  const line = describeComparison(compareTasks(ledger, []));
  expect(line).toContain('9 confirmed, 9 missing');
  expect(line).toContain('t0: missing');
  expect(line).not.toContain('t8');
});

describe('the generator’s ledger', () => {
  const planned = (batch: number, id: string) =>
    JSON.stringify({ batch, tasks: [{ id, state: 'SUCCESS', retries: 0 }] });

  it('holds a task as confirmed when its whole batch was', () => {
    const text = `${planned(0, 'a')}\n${JSON.stringify({ confirmed: 0 })}\n${planned(1, 'b')}\n`;
    expect(parseGeneratorLedger(text)).toEqual([task('a'), task('b', { confirmed: false })]);
  });

  it('survives that its last line was cut off', () => {
    const text = `${planned(0, 'a')}\n${planned(1, 'b').slice(0, 20)}`;
    expect(parseGeneratorLedger(text)).toEqual([task('a', { confirmed: false })]);
  });
});
