/** The beat page: the lab's schedules as their ticks show them. */
import { expect } from 'playwright/test';
import { beatHolder } from '#lab/probes/consul.ts';
import { LIMITS } from './estate-page.ts';
import { test } from './lab-test.ts';

/** Five ticks of the schedule that ticks every ten seconds. */
const LEARNED_MS = 90_000;

test('schedules are shown with their interval and newest tick, and a beat that is gone with the slots that it missed', async ({
  lab,
  page,
}) => {
  test.setTimeout(300_000);
  await page.goto('/beat');
  const schedule = (name: string) => page.locator('#ticks tr', { hasText: name });
  await expect(schedule("'every-10s'")).toContainText('every 10 s', { timeout: LEARNED_MS });
  await expect(schedule("'every-1s'")).toContainText('every 1 s');
  const missedBefore = Number(await schedule("'every-1s'").getAttribute('data-missed'));

  const holder = await beatHolder();
  await lab.kill(`${holder}/beat`);

  await expect(schedule("'every-1s'")).toContainText('overdue', { timeout: LIMITS.seenMs });
  await expect(schedule("'every-1s'")).not.toContainText('overdue', { timeout: LIMITS.beatHandoverMs });
  expect(Number(await schedule("'every-1s'").getAttribute('data-missed'))).toBeGreaterThan(missedBefore);
});
