/** Workers on the real lab: the list, one worker, commands that are watched until they show, and who may not give them. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from 'playwright/test';
import type { Session } from '#lib/contract/session.ts';
import { ACTION_IDS, refusalOf } from '#lib/permissions.ts';
import { workerRoute } from '#lib/routes.ts';
import { LIMITS } from './estate-page.ts';
import { test, WHOLE_LIMIT_MS } from './lab-test.ts';

const WORKERS = ['celery@host-1', 'celery@host-2', 'celery@host-3'] as const;
const WORKER = 'celery@host-3';
/** A worker is asked before, told, and asked for the effect. */
const COMMAND_MS = 45_000;

const rowOf = (page: Page, worker: string) => page.locator(`tr[data-worker="${worker}"]`);
const dialog = (page: Page) => page.getByRole('dialog');

async function openWorker(page: Page, worker: string, tab = 'pool'): Promise<void> {
  await page.goto(`${workerRoute(worker).pathname}?tab=${tab}`);
  await expect(page.locator('[data-stream=live]')).toBeVisible();
  await expect(page.locator('#worker')).toContainText(worker);
}

/** Says why, and begins what the open dialog is about. */
async function begin(page: Page, verb: string): Promise<void> {
  await dialog(page).getByLabel('Reason, kept in the audit').fill('end-to-end test');
  await dialog(page).getByRole('button', { name: verb, exact: true }).click();
}

async function ends(page: Page, stage: string): Promise<void> {
  await expect(dialog(page).locator('[data-operation][data-over=true]')).toHaveAttribute('data-stage', stage, {
    timeout: COMMAND_MS,
  });
}

test('the list shows the three workers online, with their heartbeat, queue, broker node and HAProxy', async ({
  lab,
  page,
  pageErrors,
}) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await page.goto('/workers');
  for (const worker of WORKERS) {
    const row = rowOf(page, worker);
    await expect(row).toHaveAttribute('data-state', 'online', { timeout: LIMITS.seenMs });
    await expect(row).toHaveAttribute('data-contradiction', 'no');
    await expect(row.locator('time').first()).toBeVisible();
    await expect(row).toContainText('celery');
    await expect(row).toContainText(/rabbit-\d/);
    await expect(row).toContainText(/haproxy-\d/);
  }
  await page.getByRole('button', { name: 'Ping all' }).click();
  await expect(page.locator('[data-ping=pong]')).toHaveCount(WORKERS.length);
  await page.getByRole('button', { name: 'Ask for pools' }).click();
  for (const worker of WORKERS) await expect(rowOf(page, worker)).toContainText(/\d+ · \d+/);
  expect(pageErrors).toEqual([]);
});

test('filters are in the URL and survive a reload; g and w lead to the list', async ({ lab, page }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await page.goto('/');
  await expect(page.locator('[data-stream=live]')).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await expect(page).toHaveURL(/\/workers$/);
  await page.getByRole('searchbox', { name: 'Filter workers' }).fill('celery@host-2');
  await page.locator('[data-state-button=online]').click();
  await expect(page).toHaveURL(/state=online/);
  await page.reload();
  await expect(page.locator('tr[data-worker]')).toHaveCount(1);
  await expect(rowOf(page, 'celery@host-2')).toBeVisible();
});

test('the card on the rack leads to its worker', async ({ estate, page }) => {
  await estate.card('celery@host-1').getByRole('link').click();
  await expect(page).toHaveURL(/\/workers\/celery%40host-1$/);
  await expect(page.locator('#worker')).toContainText('celery@host-1');
});

test('every tab of a worker is answered, and no secret is in its configuration', async ({ lab, page, pageErrors }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await openWorker(page, WORKER);
  for (const tab of ['Pool', 'Broker', 'Queues', 'Tasks', 'Limits', 'Config', 'System', 'Other']) {
    await page.getByRole('tab', { name: tab, exact: true }).click();
    const panel = page.getByRole('tabpanel', { name: tab, exact: true });
    await expect(panel.locator('[data-asked]').first()).toBeVisible();
    await expect(panel.locator('[aria-busy]')).toHaveCount(0);
    await expect(panel.locator('[data-silent]')).toHaveCount(0);
    await expect(panel.getByRole('alert')).toHaveCount(0);
  }
  await page.getByRole('tab', { name: 'Queues', exact: true }).click();
  await expect(page.locator('[data-consumed=celery]')).toBeVisible();
  await page.getByRole('tab', { name: 'Config', exact: true }).click();
  await page.getByRole('searchbox', { name: 'Filter values' }).fill('broker_url');
  await expect(page.getByRole('tabpanel')).toContainText('broker_url');
  await expect(page.getByRole('tabpanel')).not.toContainText(/:\/\/[^\s:@]+:(?!\*)[^\s@]+@/);
  expect(pageErrors).toEqual([]);
});

test('growing a pool is requested, acknowledged and verified in sight, and taken back', async ({ lab, page }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await openWorker(page, WORKER);
  await page.getByRole('button', { name: 'Grow…' }).click();
  await expect(dialog(page)).toContainText('1 process more');
  await expect(dialog(page).getByRole('button', { name: 'Grow pool by 1', exact: true })).toBeDisabled();
  await begin(page, 'Grow pool by 1');
  await ends(page, 'verified');
  for (const step of ['requested', 'acknowledged', 'verified'])
    await expect(dialog(page).locator(`[data-step=${step}]`).first()).toBeVisible();
  await expect(dialog(page).locator('[data-evidence]')).toContainText(WORKER);
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa']).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
  await dialog(page).getByRole('button', { name: 'Close', exact: true }).first().click();
  await page.getByRole('button', { name: 'Shrink…' }).click();
  await begin(page, 'Shrink pool by 1');
  await ends(page, 'verified');
});

test('a paused worker does not answer and is never said to have grown', async ({ lab, page }) => {
  test.setTimeout(180_000);
  await openWorker(page, WORKER);
  await lab.pause('host-3/worker');
  // An answer of less than a second ago is given again.
  await expect(async () => {
    await page.getByRole('button', { name: 'Refresh Pool' }).click();
    await expect(page.locator('[data-silent]')).toBeVisible({ timeout: 3_000 });
  }).toPass();
  await expect(page.locator('[data-silent]')).toContainText(/did not answer within .+; its heartbeat is .+ old/);
  await page.getByRole('button', { name: 'Grow…' }).click();
  await begin(page, 'Grow pool by 1');
  await ends(page, 'not-verified');
  await expect(dialog(page)).toContainText('not verified');
  await page.goto('/workers');
  await expect(rowOf(page, WORKER)).toHaveAttribute('data-state', 'silent', { timeout: 60_000 });
});

test('draining asks for the name, and refuses another one', async ({ lab, page }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await openWorker(page, WORKER);
  await page.getByRole('button', { name: 'Drain…' }).click();
  const drain = dialog(page).getByRole('button', { name: 'Drain', exact: true });
  await dialog(page).getByLabel('Reason, kept in the audit').fill('end-to-end test');
  await expect(drain).toBeDisabled();
  const name = dialog(page).getByLabel(/^Type the worker's name/);
  await name.fill('celery@host-1');
  await expect(drain).toBeDisabled();
  await expect(dialog(page)).toContainText("That is not the worker's name.");
  await name.press('Enter');
  await expect(dialog(page).locator('[data-operation]')).toHaveCount(0);
  await name.fill(WORKER);
  await expect(drain).toBeEnabled();
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toHaveCount(0);
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
});

test('while Trellis is read-only every button is off, and says why', async ({ lab, page }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await page.route('**/api/v1/session', async (route) => {
    const response = await route.fetch();
    const session = (await response.json()) as Session;
    const locks = { ...session.locks, readOnly: true };
    const may = Object.fromEntries(ACTION_IDS.map((action) => [action, refusalOf(session.identity, action, locks)]));
    await route.fulfill({ json: { ...session, locks, may } });
  });
  await openWorker(page, WORKER);
  await expect(page.locator('#worker [data-refusals]')).toContainText('Set readOnly: false in trellis.yaml');
  await expect(page.locator('[data-action]').first()).toBeVisible();
  for (const button of await page.locator('[data-action]').all()) await expect(button).toBeDisabled();
});

test('a viewer is shown that they may not, and the server refuses them', async ({ lab, viewer, page, request }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await openWorker(page, WORKER);
  await expect(page.locator('#worker [data-refusals]')).toContainText('you are viewer');
  await expect(page.locator('[data-action="worker.drain"]')).toBeDisabled();
  const refused = await request.post(`/api/v1/workers/${encodeURIComponent(WORKER)}/control`, {
    headers: { authorization: viewer.authorization, 'idempotency-key': `e2e-${viewer.name}` },
    data: { method: 'pool_grow', worker: WORKER, n: 1, reason: 'end-to-end test' },
  });
  expect(refused.status()).toBe(403);
  expect(await refused.json()).toMatchObject({ code: 'ROLE_TOO_LOW' });
});

test('a failed task is retried with the same arguments after a look at what that does, and the new one is linked', async ({
  lab,
  page,
}) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await page.goto('/tasks?state=FAILURE&name=lab.fail');
  const first = page.locator('tr[data-task]').first();
  await expect(first).toBeVisible({ timeout: 60_000 });
  const id = (await first.getAttribute('data-task')) ?? '';
  await page.goto(`/tasks/${id}`);
  await page.getByRole('button', { name: 'Retry…' }).click();
  await expect(dialog(page).locator('[data-retry-plan]')).toBeVisible();
  await begin(page, 'Retry');
  await ends(page, 'verified');
  const link = dialog(page).locator('[data-new-task]');
  expect(await link.getAttribute('data-new-task')).not.toBe(id);
  await link.click();
  await expect(page.locator('#task')).toContainText('lab.fail');
});

test('a bulk action needs a filter, shows count and sample, and wants the count typed', async ({ lab, page }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await page.goto('/tasks');
  await expect(page.locator('tr[data-task]').first()).toBeVisible({ timeout: LIMITS.seenMs });
  await expect(page.getByRole('button', { name: 'Retry all matching…' })).toBeDisabled();
  const to = Date.now() - 60_000;
  await page.goto(`/tasks?state=FAILURE&name=lab.fail&from=${to - 3_600_000}&to=${to}`);
  await page.getByRole('button', { name: 'Retry all matching…' }).click();
  const count = await dialog(page).locator('[data-bulk-count]').getAttribute('data-bulk-count');
  await expect(dialog(page).getByRole('region', { name: 'Some of them' }).getByRole('listitem').first()).toBeVisible();
  await dialog(page).getByLabel('Reason, kept in the audit').fill('end-to-end test');
  const button = dialog(page).getByRole('button', { name: /^Retry \d/ });
  await dialog(page)
    .getByLabel(/^Type the count/)
    .fill(`${count}0`);
  await expect(button).toBeDisabled();
  await dialog(page)
    .getByLabel(/^Type the count/)
    .fill(String(count));
  await expect(button).toBeEnabled();
});

test('a task is sent by name, and a form that cannot be read says where', async ({ lab, page }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await page.goto('/tasks');
  await page.getByRole('button', { name: 'Send task…' }).click();
  await dialog(page).getByLabel('Task', { exact: true }).fill('lab.add');
  await dialog(page)
    .getByLabel(/^Queue/)
    .fill('celery');
  await dialog(page)
    .getByLabel(/^Arguments, a JSON array/)
    .fill('[1, 2');
  await expect(dialog(page)).toContainText('This is no JSON');
  await dialog(page)
    .getByLabel(/^Arguments, a JSON array/)
    .fill('[1, 2]');
  await begin(page, 'Send');
  await ends(page, 'verified');
  await dialog(page).locator('[data-new-task]').click();
  await expect(page.locator('#task')).toContainText('lab.add');
});
