import { expect } from 'playwright/test';
import { HOSTS } from '#lab/layout.ts';
import { test } from './lab-test.ts';

test.setTimeout(420_000);

test('with every backend stopped Trellis stays up and shows nothing as ok; started again, it recovers without a restart', async ({
  lab,
  estate,
  request,
}) => {
  const before = await (await request.get('/api/health/ready')).json();

  await Promise.all(HOSTS.map((host) => lab.stop(host)));

  await expect(estate.page.locator('article[data-status=ok]')).toHaveCount(0, { timeout: 15_000 });
  await expect(estate.cards()).not.toHaveCount(0);
  await expect(estate.page.locator('article[data-status=unknown]').first()).toBeVisible({ timeout: 60_000 });
  await expect(estate.page.locator('[data-stream=live]')).toBeVisible();
  expect((await request.get('/api/health/live')).status()).toBe(200);

  await lab.up();

  await estate.showsWhole();
  const after = await (await request.get('/api/health/ready')).json();
  expect(after.instance).toBe(before.instance);
  await estate.stillSamePage();
});
