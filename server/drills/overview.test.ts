/** The stored figures of the overview: told as they were measured, and never made up. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OVERVIEW_FILE, readOverview } from './overview.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'trellis-overview-'));
});
afterEach(() => rm(dir, { recursive: true }));

const MEASURED = {
  at: 1_795_000_000_000,
  rows: [
    { workload: 'short', tasks: 10_000, standaloneMs: 20_000, estateMs: 38_000 },
    { workload: 'file I/O', tasks: 10, standaloneMs: 900, estateMs: null },
  ],
};

test('what was measured is told as it is, also what could not be measured', async () => {
  const file = join(dir, OVERVIEW_FILE);
  await writeFile(file, JSON.stringify(MEASURED));
  expect(await readOverview(file)).toEqual(MEASURED);
});

test('where nobody has measured nothing is told, and that is no failure', async () => {
  expect(await readOverview(join(dir, OVERVIEW_FILE))).toBeNull();
});

test.each(['', '{"at":1}', '{"at":1,"rows":[{"workload":"short","tasks":1,"standaloneMs":-5,"estateMs":1}]}'])(
  'a file that says something else is no measurement: %s',
  async (text) => {
    const file = join(dir, OVERVIEW_FILE);
    await writeFile(file, text);
    await expect(readOverview(file)).rejects.toMatchObject({ code: 'OVERVIEW_UNREADABLE' });
  },
);

test('a folder in its place is told, not taken for "not measured"', async () => {
  await expect(readOverview(dir)).rejects.toMatchObject({ code: 'OVERVIEW_UNREADABLE' });
});
