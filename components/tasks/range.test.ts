import { expect, test } from 'vitest';
import { draggedRange, endsOf, fromTimeInput, reachesNow, taskWindow, toTimeInput } from './range.ts';

const NOW = Date.UTC(2026, 10, 22, 3, 0, 0);
const BUCKETS = { at: [0, 100, 200, 300], bucketMs: 100 };

test('a preset slides with the clock and wins over fixed ends', () => {
  expect(endsOf({ range: '1h', from: 1, to: 2 }, NOW)).toEqual({ from: NOW - 3_600_000, to: null });
  expect(endsOf({ range: null, from: 1, to: null }, NOW)).toEqual({ from: 1, to: null });
});

test('ends that were given the wrong way round are turned', () => {
  expect(endsOf({ range: null, from: 9, to: 3 }, NOW)).toEqual({ from: 3, to: 9 });
});

test('only a stretch that ends in the past does not reach now', () => {
  expect(reachesNow({ range: '15m', from: null, to: 1 }, NOW)).toBe(true);
  expect(reachesNow({ range: null, from: 1, to: null }, NOW)).toBe(true);
  expect(reachesNow({ range: null, from: null, to: NOW - 1 }, NOW)).toBe(false);
});

test('a drag takes whole buckets, whichever way it goes; within one bucket it is a click', () => {
  expect(draggedRange(1, 2, BUCKETS)).toEqual({ from: 100, to: 299 });
  expect(draggedRange(2, 1, BUCKETS)).toEqual({ from: 100, to: 299 });
  expect(draggedRange(2, 2, BUCKETS)).toBeNull();
  expect(draggedRange(0, 9, BUCKETS)).toBeNull();
});

test('a time comes back from its field in either zone, to the second', () => {
  for (const zone of ['utc', 'local'] as const) expect(fromTimeInput(toTimeInput(NOW, zone), zone)).toBe(NOW);
  expect(toTimeInput(NOW, 'utc')).toBe('2026-11-22T03:00:00');
  expect(toTimeInput(null, 'utc')).toBe('');
  expect(fromTimeInput('', 'utc')).toBeNull();
  expect(fromTimeInput('0002-01-01T00:00:00', 'utc')).toBe(0);
});

test('the window of a task reaches from before it was sent to after its end', () => {
  expect(taskWindow({ at: NOW, sentAt: NOW - 1_000, finishedAt: NOW + 60_000 }, null)).toEqual({
    from: NOW - 6_000,
    to: NOW + 65_000,
  });
});

test('the window of a task that runs does not change with every second', () => {
  const task = { at: NOW, sentAt: null, finishedAt: null };
  expect(taskWindow(task, NOW + 1_000)).toEqual(taskWindow(task, NOW + 9_000));
  expect(taskWindow(task, NOW + 11_000).to).toBeGreaterThan(taskWindow(task, NOW + 9_000).to);
});
