import { AxeBuilder } from '@axe-core/playwright';
import { expect } from 'playwright/test';
import { test } from './lab-test.ts';

test('the sources page says that all is seen, names what is not and how to mend it, and recovers', async ({
  lab,
  page,
  pageErrors,
}) => {
  await page.goto('/sources');
  await expect(page.getByText(/^All \d+ readings are answered and fresh\.$/)).toBeVisible({ timeout: 60_000 });
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa']).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);

  await lab.pause('host-3/sentinel');
  const reading = page.locator('[data-reading="redis/sentinel@127.0.1.3:26379/masters"]');
  await expect(reading).toHaveAttribute('data-status', 'degraded', { timeout: 10_000 });
  await expect(reading).toContainText('timeout');
  // Beside the reading, or above all of the endpoint's that fail alike.
  await expect(page.getByRole('article').filter({ has: reading })).toContainText('a hung process');
  await expect(page.getByText(/readings are not answered: Trellis is blind there\.$/)).toBeVisible();

  await lab.resume('host-3/sentinel');
  await expect(page.getByText(/^All \d+ readings are answered and fresh\.$/)).toBeVisible({ timeout: 60_000 });
  expect(pageErrors).toEqual([]);
});
