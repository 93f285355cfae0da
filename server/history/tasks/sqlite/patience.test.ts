import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lifeOf, NOW, T0 } from '#server/history/tasks/store-cases.ts';
import { openTaskReader } from './reader.ts';
import { openTaskWriter } from './writer.ts';

const HOUR = 3_600_000;
let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trellis-tasks-'));
  path = join(dir, 'tasks.db');
  const writer = openTaskWriter(path);
  // One a minute over hours, so that no stretch of time holds all; every tenth failed.
  const lives = Array.from({ length: 600 }, (_, i) =>
    lifeOf(`t${i}`, { at: T0 + i * 60_000, end: i % 10 === 0 ? 'failed' : 'succeeded' }),
  );
  writer.write(lives.flat(), []);
  writer.close();
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A reader to whom every look at the clock is `stepMs` later than the one before. */
function hurried(stepMs: number) {
  let now = 0;
  const clock = () => {
    now += stepMs;
    return now;
  };
  return openTaskReader(path, { clock, limitMs: 100 });
}

test.each([
  ['boom', 10],
  ['customer', 1],
])(
  'a page of %s that takes too long is given before it is full, and the pages after it hold all the rest',
  async (q, every) => {
    const reader = hurried(60);
    const found: string[] = [];
    let short = 0;
    for (let after: string | null = ''; after !== null; ) {
      const cursor: { after?: string } = after === '' ? {} : { after };
      const page = await reader.tasks({ q, limit: 500, sort: 'newest', ...cursor }, NOW);
      found.push(...page.tasks.map(({ id }) => id));
      if (page.tasks.length < 500 && page.next !== null) short++;
      after = page.next;
    }
    expect(found).toEqual(Array.from({ length: 600 / every }, (_, i) => `t${600 - every - i * every}`));
    expect(short).toBeGreaterThan(1);
    await reader.close();
  },
);

test('counts that take too long say that there are more, and never more than there are', async () => {
  const reader = hurried(60);
  const told = await reader.counts({ q: 'customer' }, NOW);
  expect(told.exact).toBe(false);
  expect(told.total).toBeLessThan(600);
  expect(await reader.counts({}, NOW)).toMatchObject({ total: 600, exact: true });
  await reader.close();
});

test('a chart for which there is no time begins where reading ended, and is whole from there', async () => {
  const reader = hurried(20);
  const [from, to] = [T0, T0 + 10 * HOUR - 1];
  const told = await reader.activity({ q: 'customer' }, { from, to, buckets: 60 }, NOW);
  expect(told.from).toBeGreaterThan(from);
  expect(told.at[0]).toBe(told.from);
  const whole = await openTaskReader(path, { limitMs: 60_000 }).activity({}, { from, to, buckets: 60 }, NOW);
  const skipped = whole.at.indexOf(told.from);
  expect(told.received.slice(1)).toEqual(whole.received.slice(skipped + 1));
  await reader.close();
});
