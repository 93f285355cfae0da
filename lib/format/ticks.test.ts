import { expect, test } from 'vitest';
import type { Schedule } from '#lib/model/ticks.ts';
import { everyText, nextText, sendersText, slotsText } from './ticks.ts';

const SCHEDULE: Schedule = {
  ...{ id: 'a', name: 'a', kwargs: null, ticks: 9, lastAt: 90_000, lastBy: 'gen1@h', senders: ['gen1@h'] },
  ...{ intervalMs: 10_000, nextAt: 100_000, missed: 0, missedAt: [], doubled: 0, doubledSlots: [] },
};

test('an interval is told as a person would set it', () => {
  expect([1_003, 9_997, 60_004, 300_100, 3_600_500].map(everyText)).toEqual([
    'every 1 s',
    'every 10 s',
    'every 1 min',
    'every 5 min',
    'every 1 h',
  ]);
  expect(everyText(null)).toBe('not learned yet');
});

test('the next tick is to come, due, or overdue once its slot counts as missed', () => {
  expect(nextText(SCHEDULE, 96_000)).toBe('in 4.0 s');
  expect(nextText(SCHEDULE, 101_000)).toBe('due now');
  expect(nextText({ ...SCHEDULE, missed: 1, missedAt: [100_000] }, 112_000)).toBe('overdue by 12 s');
  expect(nextText({ ...SCHEDULE, missed: 1, missedAt: [50_000] }, 101_000)).toBe('due now');
  expect(nextText({ ...SCHEDULE, nextAt: null, intervalMs: null }, 0)).toBe('not known');
});

test('slots are counted, and the senders of one are named once each', () => {
  expect([slotsText(0), slotsText(1), slotsText(3)]).toEqual(['none', '1 slot', '3 slots']);
  expect(sendersText(['a', 'b', 'a'])).toBe('a 2× and b');
});
