import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lifeOf, NOW, T0 } from '#server/history/tasks/store-cases.ts';
import { openTaskReader } from './reader.ts';
import { openTaskWriter } from './writer.ts';

/** More than are sorted at once. */
const MANY = 10_500;

test('after a page of the slowest among very many, what is written next is seen', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'trellis-tasks-'));
  const path = join(dir, 'tasks.db');
  const writer = openTaskWriter(path);
  const lives = Array.from({ length: MANY }, (_, i) =>
    lifeOf(`t${i}`, { at: T0 + i, name: i % 2 === 0 ? 'shop.mail.send' : 'shop.orders.ship', runtimeMs: i + 1 }),
  );
  writer.write(lives.flat(), []);
  const reader = openTaskReader(path, { limitMs: 60_000 });

  const slowest = await reader.tasks({ sort: 'slowest', limit: 5 }, NOW);
  expect(slowest.tasks.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5].map((i) => `t${MANY - i}`));
  writer.write(lifeOf('later', { at: T0 + MANY }), []);
  const [newest] = (await reader.tasks({ sort: 'newest', limit: 1 }, NOW)).tasks;
  expect(newest?.id).toBe('later');

  await reader.close();
  writer.close();
  rmSync(dir, { recursive: true });
});
