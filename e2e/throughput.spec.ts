/** The estate's throughput: tasks by their events, and a gap where none came in. */
import { expect, type Page } from 'playwright/test';
import { HOSTS } from '#lab/layout.ts';
import { LIMITS } from './estate-page.ts';
import { test } from './lab-test.ts';

/** Two points of five seconds, and what the intake needs to begin. */
const FIRST_POINTS_MS = 30_000;

function panel(page: Page) {
  return page.locator('#throughput');
}

test('metrics and readiness say what the page says', async ({ request, estate }) => {
  const metrics = await (await request.get('/metrics')).text();
  const leader = await estate.leaderOf('celery');
  expect(metrics).toContain(`trellis_queue_leader_info{vhost="/",queue="celery",node="${leader}"} 1`);
  expect(metrics).toMatch(/^flower_worker_online\{worker="[^"]+@[^"]+"\} 1$/m);
  expect(metrics).toMatch(/^celery_task_succeeded_total\{name="lab\.[^}]+\} [1-9]/m);
  // An endpoint that came back is asked again within its interval, which may be longer than the page needs to be whole.
  const readiness = async () => (await request.get('/api/health/ready')).json();
  await expect
    .poll(readiness, { timeout: LIMITS.wholeMs })
    .toMatchObject({ status: 'ok', ingest: { state: 'consuming' } });
});

test('tasks are shown by what became of them, with how long they run and wait', async ({
  page,
  estate,
  pageErrors,
}) => {
  await expect(panel(page).locator('[data-throughput=tasks]')).toBeVisible({ timeout: FIRST_POINTS_MS });
  await expect(panel(page)).toContainText(/succeeded [1-9]/, { timeout: FIRST_POINTS_MS });
  const chart = panel(page).getByRole('figure', { name: 'tasks a second, last ten minutes' });
  await expect(chart).toContainText(/succeeded now [\d.]+ \/s/, { timeout: FIRST_POINTS_MS });
  for (const figure of ['runtimeP95', 'waitP95']) {
    await expect(panel(page).locator(`[data-figure=${figure}]`)).toContainText(/median \d.* within \d/);
  }
  await estate.stillSamePage();
  expect(pageErrors).toEqual([]);
});

test('while no events come in the broker’s rates are shown and said to be that; afterwards the gap is seen', async ({
  lab,
  page,
  estate,
}) => {
  test.setTimeout(400_000);
  await expect(panel(page).getByRole('figure')).toBeVisible({ timeout: FIRST_POINTS_MS });

  for (const host of HOSTS) await lab.kill(`${host}/rabbitmq`);

  await expect(panel(page).locator('[data-throughput=messages]')).toBeVisible({ timeout: LIMITS.seenMs });
  await expect(panel(page)).toContainText('no task events now');
  await expect(panel(page).locator('[data-figure=runtimeP95]')).toContainText('median –');

  await lab.up();

  await expect(panel(page).locator('[data-throughput=tasks]')).toBeVisible({ timeout: LIMITS.wholeMs });
  const chart = panel(page).getByRole('figure', { name: /^tasks a second/ });
  await expect(chart).toContainText('not seen', { timeout: FIRST_POINTS_MS });
  await expect(chart).toContainText(/is down|is running/);
  await estate.showsWhole();
  await estate.stillSamePage();
});
