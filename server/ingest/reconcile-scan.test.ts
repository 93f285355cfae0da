import { expect, test } from 'vitest';
import { manualClock } from '#server/runtime/manual-clock.ts';
import type { TaskChange } from './merge.ts';
import type { Gap } from './reconcile-plan.ts';
import { createScan, SCAN_KEYS_PER_SECOND } from './reconcile-scan.ts';
import type { ScanPage, ScanPlace } from './result-reader.ts';

const GAP = { from: 1_000_000, to: 2_000_000 };
const value = (doneAt: number) =>
  JSON.stringify({ status: 'SUCCESS', result: 1, date_done: new Date(doneAt).toISOString() });
const place = (cursor: string): ScanPlace => ({ address: '10.0.0.1:6379', cursor });

/** A walk over these pages. */
function walk(pages: (ScanPage | Error)[]) {
  const clock = manualClock(5_000_000);
  const asked: { at: number; place: ScanPlace | null }[] = [];
  const kept: TaskChange[] = [];
  const problems: (string | null)[] = [];
  const left: (Gap | null)[] = [];
  const world = { failKeep: false };
  const scan = createScan({
    results: {
      async scan(from) {
        asked.push({ at: clock.now(), place: from });
        const page = pages.shift();
        if (page === undefined) throw new Error('walked too far');
        if (page instanceof Error) throw page;
        return page;
      },
    },
    clock,
    keep(changes) {
      if (world.failKeep) throw new Error('the disk is full');
      kept.push(...changes);
    },
    onLeft: (gap) => left.push(gap),
    onProblem: (problem) => problems.push(problem),
  });
  async function pass(ms: number) {
    for (let left = ms; left > 0; left -= 50) {
      clock.advance(50);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
  return Object.assign(world, { scan, asked, kept, left, problems, pass });
}
const page = (next: string | null, keys = 500, found: [string, string][] = []): ScanPage => ({
  ...{ found: new Map(found), keys, next: next === null ? null : place(next) },
});

test('goes on where it was, also after a failure, and ends with the last page', async () => {
  const { scan, asked, problems, pass } = walk([page('1'), new Error('no answer'), page('2'), page(null)]);
  scan.begin(GAP);
  expect(scan.isWalking).toBe(true);
  await pass(20_000);
  expect(asked.map((one) => one.place)).toEqual([null, place('1'), place('1'), place('2')]);
  expect(problems).toContain('Results of the gap are not read: no answer');
  expect([problems.at(-1), scan.isWalking]).toEqual([null, false]);
});

test('looks at no more keys a second than it may, however large the pages are', async () => {
  const sizes = [500, 4_000, 100, 500, 2_000, 500];
  const { scan, asked, pass } = walk([...sizes.map((keys, i) => page(String(i + 1), keys)), page(null)]);
  scan.begin(GAP);
  await pass(20_000);
  for (const [i, keys] of sizes.entries()) {
    const tookMs = (asked[i + 1]?.at ?? 0) - (asked[i]?.at ?? 0);
    expect(tookMs).toBeGreaterThanOrEqual((keys * 1_000) / SCAN_KEYS_PER_SECOND);
  }
});

test('keeps only ends of the gap', async () => {
  const found: [string, string][] = [
    ['in', value(1_500_000)],
    ['before', value(900_000)],
    ['after', value(2_100_000)],
    ['garbage', '{'],
    ['open', '{"status": "STARTED", "date_done": null}'],
  ];
  const { scan, kept, pass } = walk([page(null, 5, found)]);
  scan.begin(GAP);
  await pass(1_000);
  expect(kept.map(({ id }) => id)).toEqual(['in']);
});

test('a page that could not be kept is read again', async () => {
  const world = walk([page(null, 1, [['in', value(1_500_000)]]), page(null, 1, [['in', value(1_500_000)]])]);
  world.failKeep = true;
  world.scan.begin(GAP);
  await world.pass(1_000);
  expect(world.scan.isWalking).toBe(true);
  world.failKeep = false;
  await world.pass(6_000);
  expect([world.kept.length, world.scan.isWalking]).toEqual([1, false]);
});

test('gaps that come during a walk are walked once, together, after it', async () => {
  const { scan, asked, kept, pass } = walk([page('1'), page(null), page(null, 1, [['late', value(4_000_000)]])]);
  scan.begin(GAP);
  await pass(100);
  scan.begin({ from: 3_000_000, to: 3_500_000 });
  scan.begin({ from: 3_900_000, to: 4_100_000 });
  await pass(5_000);
  expect(asked.map((one) => one.place)).toEqual([null, place('1'), null]);
  expect(kept.map(({ id }) => id)).toEqual(['late']);
});

test('what is left to walk through is told whenever it changes: all of it, and nothing at the end', async () => {
  const { scan, left, pass } = walk([page(null), page(null)]);
  scan.begin(GAP);
  const second = { from: 3_000_000, to: 3_500_000 };
  scan.begin(second);
  await pass(5_000);
  expect(left).toEqual([GAP, { from: GAP.from, to: second.to }, second, null]);
});

test('stops when told', async () => {
  const { scan, asked, pass } = walk([page('1'), page('2')]);
  scan.begin(GAP);
  await pass(100);
  scan.stop();
  await pass(5_000);
  expect(asked).toHaveLength(1);
});
