import { AxeBuilder } from '@axe-core/playwright';
import { expect } from 'playwright/test';
import { portHolder } from '#lab/leftovers.ts';
import { test, WHOLE_LIMIT_MS } from './lab-test.ts';

test('the whole lab is shown whole, with one leader in every layer, and the page has no errors', async ({
  lab,
  pageErrors,
  estate,
}) => {
  await estate.showsWhole();
  await estate.hostMarked('results', 'master');
  await estate.hostMarked('coordinator', 'leader');
  await estate.hostMarked('beat', 'holds lock');
  expect(await estate.leaderOf('celery')).toMatch(/^rabbit-\d@host-\d$/);
  for (const i of [1, 2, 3]) {
    await expect(estate.serving(`haproxy-${i}`, 'amqp')).toHaveAttribute('data-serving', `rabbit-${i}`);
  }
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  expect(pageErrors).toEqual([]);
});

test('the model over HTTP says what the page says', async ({ estate, request }) => {
  const read = async () => (await request.get('/api/v1/estate')).json();
  const { model, estate: named } = await read();
  expect(named.name).toBe('lab');
  expect(model.queues['/:celery'].replication.leader).toBe(await estate.leaderOf('celery'));
  // One answer may come too late on a busy machine, or fall into another file's drill: what is looked at only once
  // a minute then has the failure until it is looked at again. A reading that fails for a cause of its own fails again.
  await expect.poll(async () => failedReadings((await read()).model), { timeout: 75_000 }).toEqual({});
});

function failedReadings({ readings }: { readings: Record<string, { failure: unknown }> }) {
  return Object.fromEntries(Object.entries(readings).filter(([, { failure }]) => failure !== null));
}

// The other two views of it are among those of all pages.
for (const [colorScheme, width] of [
  ['light', 1440],
  ['dark', 390],
] as const) {
  test(`the estate page meets WCAG AA in ${colorScheme} at ${width} px`, async ({ page, estate }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await estate.showsWhole();
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa']).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
  });
}

test('while Trellis hangs the page says so and lets its values age; it resumes by itself', async ({
  page,
  estate,
  baseURL,
}) => {
  const trellis = portHolder(Number(new URL(baseURL as string).port))?.pid as number;
  process.kill(trellis, 'SIGSTOP');
  try {
    await expect(page.locator('article[data-status=ok]')).toHaveCount(0, { timeout: 15_000 });
    await expect(page.locator('[data-stream=reconnecting]')).toBeVisible({ timeout: 20_000 });
  } finally {
    process.kill(trellis, 'SIGCONT');
  }
  await expect(page.locator('[data-stream=live]')).toBeVisible({ timeout: 30_000 });
  await estate.showsWhole();
  await estate.stillSamePage();
});
