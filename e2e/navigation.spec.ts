/** Getting about: keyboard, links, a cut stream, a panel that fails. */
import { expect } from 'playwright/test';
import { EstatePage } from './estate-page.ts';
import { test, WHOLE_LIMIT_MS } from './lab-test.ts';

test('a fault is on the rack, the page of its layer, the timeline and in the title, without a reload', async ({
  lab,
  estate,
  page,
  context,
}) => {
  test.setTimeout(240_000);
  const [broker, timeline] = [await context.newPage(), await context.newPage()];
  await broker.goto('/broker');
  await timeline.goto('/timeline?code=BrokerNodeRunning');
  await expect(broker.locator('[data-entity="brokerNodes/rabbit-3@host-3"]')).toHaveAttribute('data-status', 'ok');
  const lines = timeline.locator('li[data-code=BrokerNodeRunning]');
  await expect(timeline.locator('#changes')).toBeVisible();
  await expect(timeline.locator('[aria-busy]')).toHaveCount(0);
  const before = await lines.count();

  await lab.kill('host-3/rabbitmq');

  await estate.shows('rabbit-3', 'down');
  await expect(page).toHaveTitle(/^\(\d+\) Estate · lab · Trellis$/);
  await expect(page.locator('[data-verdict=degraded], [data-verdict=down]')).toContainText('rabbit-3');
  await expect(broker.locator('[data-entity="brokerNodes/rabbit-3@host-3"]')).toHaveAttribute('data-status', 'down');
  await expect(lines).toHaveCount(before + 1);
  await expect(lines.first()).toContainText('rabbit-3@host-3 is down');
  await estate.stillSamePage();
});

test('with the stream cut the page polls and says so, and is live as soon as it can be', async ({ lab, page }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await page.route('**/api/v1/stream', (route) => route.abort());
  const estate = new EstatePage(page);
  await page.goto('/');
  await expect(page.locator('[data-stream=reconnecting]')).toBeVisible();
  await expect(page.locator('[data-stream=polling]')).toBeVisible({ timeout: 20_000 });
  await estate.showsWhole();
  await page.unroute('**/api/v1/stream');
  await expect(page.locator('[data-stream=live]')).toBeVisible({ timeout: 20_000 });
  await estate.showsWhole();
});

test('by keyboard alone: the palette leads to a queue, g and e lead back, ? explains', async ({ page, estate }) => {
  await estate.showsWhole();
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Find anything' });
  await expect(field).toBeFocused();
  await page.keyboard.type('celery queue');
  await expect(page.getByRole('option').first()).toContainText('celery');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/broker\?select=queues/);
  await expect(page.locator('[data-entity^="queues/"]')).toBeInViewport();
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await expect(page).toHaveURL(/\/$/);
  await expect(page.getByRole('region', { name: 'Rack' }).first()).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('the focus goes to the detail that one opens, and back to its row when it closes', async ({ lab, page }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await page.goto('/broker');
  const name = page.locator('[data-queue]').first().getByRole('button').first();
  await name.press('Enter');
  await expect(page.getByRole('heading', { name: /^Queue / })).toBeFocused();
  await page.getByRole('button', { name: 'Close' }).press('Enter');
  await expect(name).toBeFocused();
});

test('single-key shortcuts can be turned off, and on again without them', async ({ page, estate }) => {
  await estate.showsWhole();
  await page.keyboard.press('?');
  await page.getByRole('checkbox', { name: 'Shortcuts of a single key' }).uncheck();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.reload();
  await expect(page.locator('[data-stream=live]')).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('b');
  await page.keyboard.press('?');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog', { name: 'Command palette' })).toBeVisible();
  await expect(page).toHaveURL(/\/$/);
  await page.keyboard.type('keyboard map');
  await page.keyboard.press('Enter');
  await page.getByRole('checkbox', { name: 'Shortcuts of a single key' }).check();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
});

test('a link shows the same view in a fresh browser: selection, order and filter', async ({ lab, page, browser }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await page.goto('/broker');
  await page.getByRole('searchbox', { name: 'Filter queues' }).fill('cel');
  await page.getByRole('button', { name: 'Queue', exact: true }).click();
  await page.locator('[data-queue]').first().getByRole('button').first().click();
  await expect(page).toHaveURL(/select=queues.*/);
  await expect(page).toHaveURL(/queues\.filter=cel/);

  const fresh = await (await browser.newContext()).newPage();
  await fresh.goto(page.url());
  await expect(fresh.getByRole('searchbox', { name: 'Filter queues' })).toHaveValue('cel');
  await expect(fresh.locator('[data-entity^="queues/"]')).toBeVisible();
  await expect(fresh.locator('[data-queue][aria-current=true]')).toHaveCount(1);
  await fresh.context().close();
});

test('a panel that cannot be drawn leaves the others, and the header, alive', async ({ lab, page, request }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  const { model, estate, now, samples } = await (await request.get('/api/v1/estate')).json();
  model.locks.beat.standbys = null;
  const hello = { protocol: 1, instance: 'broken', estate, now };
  const snapshot = { rev: 1, now, model, transitions: [], samples, throughput: [] };
  const body = `event: hello\ndata: ${JSON.stringify(hello)}\n\nevent: snapshot\ndata: ${JSON.stringify(snapshot)}\n\n`;
  await page.route('**/api/v1/stream', (route) => route.fulfill({ contentType: 'text/event-stream', body }));
  await page.goto('/coordination');
  await expect(page.getByRole('alert').filter({ hasText: 'cannot be drawn' })).toBeVisible();
  await expect(page.locator('[data-entity^="consulServers/"]')).toHaveCount(3);
  await expect(page.locator('[data-verdict]')).toBeVisible();
});

test('a table without tools is exported from its corner', async ({ lab, page }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await page.goto('/coordination');
  await page.getByRole('button', { name: 'Export servers' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('dialog', { name: 'Export servers' }).getByRole('button', { name: 'CSV' }).click();
  expect((await download).suggestedFilename()).toBe('servers.csv');
});

test('a table leaves the page as CSV and as JSON', async ({ lab, page }) => {
  await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
  await page.goto('/broker');
  await expect(page.locator('[data-queue]').first()).toBeVisible();
  for (const [button, file] of [
    ['CSV', 'queues.csv'],
    ['JSON', 'queues.json'],
  ] as const) {
    const download = page.waitForEvent('download');
    await page.locator('#queues').getByRole('button', { name: button }).click();
    expect((await download).suggestedFilename()).toBe(file);
  }
});
