/** The history of tasks on the real lab: the list, one task, failures, and what leaves the page. */
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from 'playwright/test';
import type { Task } from '#lib/model/task.ts';
import { LIMITS } from './estate-page.ts';
import { test, WHOLE_LIMIT_MS } from './lab-test.ts';

/** Long enough for the list to be asked for again several times at 20 tasks a second. */
const LIVE_MS = 6_000;

const rows = (page: Page) => page.locator('tr[data-task]');
const scroller = (page: Page) => page.getByRole('region', { name: 'tasks, scrollable' });
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search tasks' });

async function openTasks(page: Page, path = '/tasks'): Promise<void> {
  await page.goto(path);
  await expect(page.locator('[data-stream=live]')).toBeVisible();
  await expect(rows(page).first()).toBeVisible({ timeout: LIMITS.seenMs });
}

/** The first task of the newest chain whose three steps have succeeded, by the traffic's own account. */
function finishedChain(ledger: string): string {
  const database = new DatabaseSync(ledger, { readOnly: true, timeout: 1_000 });
  try {
    const chain = database
      .prepare(
        `SELECT root_id AS root FROM task WHERE kind = 'chain' AND observed_state = 'SUCCESS'
         GROUP BY root_id HAVING count(*) = 3 ORDER BY max(observed_at_ms) DESC LIMIT 1`,
      )
      .get();
    return String(chain?.root ?? '');
  } finally {
    database.close();
  }
}

test('filters are in the URL and survive a reload: state, task, stretch of time and search', async ({
  lab,
  page,
  pageErrors,
}) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await openTasks(page);
  await page.locator('[data-state-button=SUCCESS]').click();
  await page.getByRole('button', { name: '15 min' }).click();
  const name = page.getByRole('combobox', { name: 'Filter by task' });
  await name.fill('lab.add');
  await page.getByRole('option', { name: 'lab.add', exact: true }).click();
  await page.keyboard.press('Escape');
  await search(page).fill('worker:host-1');
  await expect(page).toHaveURL(/q=worker(:|%3A)host-1/);
  await page.reload();
  await expect(page).toHaveURL(/state=SUCCESS/);
  await expect(page).toHaveURL(/range=15m/);
  await expect(page).toHaveURL(/name=lab\.add/);
  await expect(search(page)).toHaveValue('worker:host-1');
  await expect(page.locator('[data-state-button=SUCCESS]')).toHaveAttribute('aria-pressed', 'true');
  await expect(rows(page).first()).toBeVisible();
  for (const row of await rows(page).all()) {
    await expect(row.locator('[data-state=SUCCESS]')).toHaveCount(1);
    await expect(row.getByRole('rowheader')).toContainText('lab.add');
    await expect(row).toContainText('celery@host-1');
  }
  expect(pageErrors).toEqual([]);
});

test('at the top new tasks appear; scrolled away nothing moves, and a button tells how many came', async ({
  lab,
  page,
}) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await openTasks(page);
  const first = await rows(page).first().getAttribute('data-task');
  await expect(rows(page).first()).not.toHaveAttribute('data-task', first ?? '', { timeout: LIVE_MS });

  await scroller(page).evaluate((element) => element.scrollTo({ top: 600 }));
  await expect(page.getByText('stands still since')).toBeVisible();
  const places = () =>
    rows(page).evaluateAll((all) => all.map((row) => [row.dataset.task, row.getBoundingClientRect().top]));
  const before = await places();
  await expect(page.locator('[data-newer]')).toBeVisible({ timeout: LIVE_MS });
  await page.waitForResponse((response) => response.url().includes('/api/v1/tasks?'));
  expect(await places()).toEqual(before);

  await page.locator('[data-newer]').click();
  await expect(page.locator('[data-newer]')).toHaveCount(0);
  expect(await scroller(page).evaluate((element) => element.scrollTop)).toBe(0);
});

test('the list goes on to older tasks, each once', async ({ lab, page }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await openTasks(page);
  const seen = new Set<string>();
  await expect(async () => {
    for (const id of await rows(page).evaluateAll((all) => all.map((row) => row.dataset.task ?? ''))) seen.add(id);
    await scroller(page).evaluate((element) => element.scrollBy({ top: 400 }));
    expect(seen.size).toBeGreaterThan(250);
  }).toPass({ timeout: 60_000 });
  const indices = await rows(page).evaluateAll((all) => all.map((row) => Number(row.getAttribute('aria-rowindex'))));
  expect(Math.max(...indices)).toBeGreaterThan(200);
});

test('a chain is drawn with its three steps in order; a click opens the next, and the window leads to the timeline', async ({
  lab,
  page,
  pageErrors,
}) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await expect.poll(() => finishedChain(lab.paths.ledger), { timeout: 60_000 }).not.toBe('');
  const root = finishedChain(lab.paths.ledger);
  await page.goto(`/tasks/${root}`);
  await expect(page.locator('[data-workflow-nodes="3"]')).toBeVisible();
  await expect(page.locator('#workflow [data-edge]')).toHaveCount(2);
  await expect(page.locator('#workflow [data-node][data-state=SUCCESS]')).toHaveCount(3);
  await expect(page.locator('#workflow')).toContainText('3 of 3 done');
  await expect(page.locator('#attempts [data-attempt=first]')).toHaveCount(1);
  for (const event of ['received', 'started', 'succeeded'])
    await expect(page.locator(`#events [data-event=${event}]`)).toHaveCount(1);

  await page.locator('#workflow').getByRole('button', { name: 'as table' }).click();
  await expect(page.locator('#workflow tr[data-state=SUCCESS]')).toHaveCount(3);
  await page.locator('#workflow').getByRole('button', { name: 'as graph' }).click();
  const next = page.locator(`#workflow [data-node]:not([data-node="${root}"])`).first();
  const id = await next.getAttribute('data-node');
  await next.click();
  await expect(page).toHaveURL(new RegExp(`/tasks/${id}$`));
  await expect(page.locator('#task')).toContainText(id ?? '');
  await page.getByRole('link', { name: 'on the timeline' }).click();
  await expect(page).toHaveURL(/\/timeline\?from=\d+&to=\d+/);
  expect(pageErrors).toEqual([]);
});

test('a task that was never seen says what may be the reason', async ({ lab, page }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await page.goto('/tasks/00000000-0000-4000-8000-000000000000');
  await expect(page.locator('[data-not-found]')).toContainText('Trellis keeps no task with this id.');
  await expect(page.locator('[data-not-found] li')).not.toHaveCount(0);
});

test('failures are counted by exception and lead to their tasks with the traceback', async ({
  lab,
  page,
  pageErrors,
}) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await page.goto('/tasks/failures');
  const group = page.locator('tr[data-exception=ValueError]', { hasText: 'lab.fail' });
  await expect(group).toBeVisible({ timeout: 60_000 });
  await group.getByRole('link', { name: 'ValueError', exact: true }).click();
  await expect(page).toHaveURL(/exception=ValueError/);
  await expect(page).toHaveURL(/name=lab\.fail/);
  await rows(page).first().getByRole('link').click();
  await expect(page.getByRole('region', { name: 'Exception' })).toContainText("ValueError('as ordered')");
  await expect(page.getByRole('region', { name: 'Traceback' })).toContainText('as ordered');
  expect(pageErrors).toEqual([]);
});

test('the list under its filter leaves as CSV and as JSON, whole', async ({ lab, page, request }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  const to = Date.now() - 30_000;
  const filter = `state=SUCCESS&name=lab.short&from=${to - 60_000}&to=${to}`;
  await openTasks(page, `/tasks?${filter}`);
  const { total } = (await (await request.get(`/api/v1/tasks/counts?${filter}`)).json()) as { total: number };
  const saved = async (button: string) => {
    const download = page.waitForEvent('download');
    await page.locator('#tasks').getByRole('button', { name: button, exact: true }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe(`tasks.${button.toLowerCase()}`);
    return readFileSync(await file.path(), 'utf8');
  };
  const tasks = JSON.parse(await saved('JSON')) as Task[];
  expect(tasks).toHaveLength(total);
  expect(new Set(tasks.map(({ id }) => id)).size).toBe(total);
  expect(tasks.every(({ name, state }) => name === 'lab.short' && state === 'SUCCESS')).toBe(true);
  const csv = await saved('CSV');
  expect(csv.trimEnd().split('\r\n')).toHaveLength(total + 1);
});

test('a search that cannot be read is pointed at and kept, and works once it is mended', async ({ lab, page }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await openTasks(page);
  await search(page).fill('name:lab.add (state:SUCCESS');
  await expect(page.locator('[data-search-error]')).toBeVisible();
  await expect(page.locator('[data-search-error]')).toContainText('^');
  await expect(search(page)).toHaveValue('name:lab.add (state:SUCCESS');
  await search(page).press('End');
  await page.keyboard.type(')');
  await expect(page.locator('[data-search-error]')).toHaveCount(0);
  await expect(rows(page).first().getByRole('rowheader')).toContainText('lab.add');
});

test('by keyboard: a pasted id opens its task, words are searched for, g and k lead to the list', async ({
  lab,
  page,
}) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await openTasks(page);
  const id = (await rows(page).first().getAttribute('data-task')) ?? '';
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Find anything' }).fill(` ${id} `);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/tasks/${id}$`));
  await expect(page.locator('#task')).toContainText(id);
  await page.keyboard.press('g');
  await page.keyboard.press('k');
  await expect(page).toHaveURL(/\/tasks$/);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Find anything' }).fill('lab.factorial');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/tasks\?q=lab\.factorial/);
});

test('a drag over the chart chooses its stretch of time', async ({ lab, page }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await openTasks(page);
  const box = await page.locator('#activity svg.recharts-surface').first().boundingBox();
  if (box === null) throw new Error('the chart has no place');
  const y = box.y + box.height / 3;
  await page.mouse.move(box.x + box.width * 0.4, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, y, { steps: 8 });
  await page.mouse.up();
  await expect(page).toHaveURL(/from=\d+/);
  await expect(page).toHaveURL(/to=\d+/);
});

test('one task meets WCAG AA and does not overflow on a phone', async ({ lab, page }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await expect.poll(() => finishedChain(lab.paths.ledger), { timeout: 60_000 }).not.toBe('');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/tasks/${finishedChain(lab.paths.ledger)}`);
  await expect(page.locator('[data-workflow-nodes]')).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa']).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
});
