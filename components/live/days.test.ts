import { expect, test } from 'vitest';
import { daysOf } from './days.ts';

test('rows are parted where the day changes, and keep their order', () => {
  const rows = ['2026-11-22T00:00:00.000Z', '2026-11-21T23:59:59.999Z', '2026-11-21T08:00:00.000Z'];
  const days = daysOf(rows, (row) => Date.parse(row), 'utc');
  expect(days).toEqual([
    { day: '2026-11-22', rows: rows.slice(0, 1) },
    { day: '2026-11-21', rows: rows.slice(1) },
  ]);
});
