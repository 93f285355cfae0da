/** Drills on the real lab: from the card to the report, watched by two, stopped by keyboard, and refused where they must be. */
import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { type APIRequestContext, expect, type Page } from 'playwright/test';
import type { RunAnswer, RunsAnswer } from '#lib/contract/drills.ts';
import { routes, runRoute } from '#lib/routes.ts';
import { LIMITS } from './estate-page.ts';
import { type Somebody, test } from './lab-test.ts';

/** A drill with its steady state, its watch afterwards and the judging of the last canaries. */
const RUN_MS = 180_000;
/** `drills.coolDownSeconds` of the lab, and the last run before it. */
const COOL_MS = 90_000;

/** How long it was out depends on what else the machine has to do, three browsers among it: that is measured elsewhere. */
const JUDGED = /held|broken/;

const head = (page: Page) => page.locator('[data-run]');

/** Waits until nothing stands against the plan, types what it asks for, and starts; gives the id of the run. */
async function start(page: Page): Promise<string> {
  await expect(page.locator('[data-clear=true]')).toBeVisible({ timeout: COOL_MS });
  const typed = page.getByLabel(/^Type the name of the/);
  const name = (await page.locator('[data-start] label b').textContent()) ?? '';
  const button = page.getByRole('button', { name: 'Start drill', exact: true });
  await page.getByLabel('Reason, kept in the audit').fill('end-to-end test');
  await typed.fill(`${name}x`);
  await expect(button).toBeDisabled();
  await typed.fill(name);
  await button.click();
  await expect(page).toHaveURL(/\/runs\/[^/]+$/);
  return decodeURIComponent(new URL(page.url()).pathname.split('/').at(-1) ?? '');
}

/** Asked for past the page, the server itself says that the role is too low. */
async function refusesStart(request: APIRequestContext, { name, authorization }: Somebody, drill: string) {
  const refused = await request.post(routes.api.runs, {
    headers: { authorization, 'idempotency-key': `e2e-${name}` },
    data: { drill, target: 'results', typedTarget: 'results', planHash: 'x', reason: 'end-to-end test' },
  });
  expect(refused.status()).toBe(403);
  expect(await refused.json()).toMatchObject({ code: 'ROLE_TOO_LOW' });
}

async function meetsAxe(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa']).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
}

test('an operator’s redis-switch from the Redis card: planned, started, watched in two browsers, nothing lost, exported, and compared with a second run', async ({
  operator,
  estate,
  page,
  request,
  pageErrors,
}) => {
  test.setTimeout(2 * RUN_MS + COOL_MS + 60_000);
  const master = await estate.hostMarked('results', 'master');
  await estate.page.locator('[data-layer=results] [data-drill=redis-switch]').click();
  await expect(page).toHaveURL(/\/drills\/redis-switch\?aim=redisNodes/);
  await expect(page.getByRole('radio', { checked: true })).toBeVisible();
  await expect(page.locator('[data-guard]').first()).toBeVisible();
  await expect(page.locator('[data-plan-step]').first()).toBeVisible();
  await expect(page.locator('#steps')).toContainText('SENTINEL FAILOVER');
  await meetsAxe(page);

  const first = await start(page);
  const other = await page.context().newPage();
  await other.goto(runRoute(first).pathname);
  const elsewhere = await page.context().newPage();
  await elsewhere.goto(routes.broker);
  await expect(elsewhere.locator(`[data-running-drill="${first}"]`)).toBeVisible();
  await elsewhere.close();
  for (const one of [page, other]) {
    await expect(one.locator('[data-step][data-state=done]').first()).toBeVisible({ timeout: RUN_MS });
    await expect(one.locator('[data-ledger=published]')).not.toHaveAttribute('data-count', '0');
  }
  for (const one of [page, other]) {
    await expect(head(one)).toHaveAttribute('data-state', 'ended', { timeout: RUN_MS });
    await expect(head(one)).toHaveAttribute('data-verdict', JUDGED);
  }
  await other.close();

  await expect(page.locator('[data-verdict-text]')).toBeVisible();
  for (const count of ['lost', 'repeated', 'resultsLost'])
    await expect(page.locator(`[data-promise=${count}]`)).toHaveAttribute('data-state', 'held');
  await expect(page.locator('[data-ledger=lost]')).toHaveAttribute('data-count', '0');
  await expect(page.locator('[data-lane^=sentinel]').first()).toBeVisible();
  await expect(page.locator('[data-path-lane]')).toHaveCount(4);
  await expect(page.locator('[data-who]')).toContainText('end-to-end test');
  await meetsAxe(page);

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Markdown' }).click();
  const markdown = await readFile(await (await download).path(), 'utf8');
  expect(markdown).toContain('redis-switch');
  const json = (await (await request.get(`${routes.api.runs}/${first}?format=json`)).json()) as RunAnswer;
  expect(json.run).toMatchObject({
    ...{ id: first, actor: `token:${operator.name}` },
    verdict: expect.stringMatching(JUDGED),
  });

  await page.getByRole('link', { name: 'all drills' }).click();
  const entry = page.locator('[data-drill-entry=redis-switch]');
  await expect(entry).toContainText(JUDGED);
  await expect(page.locator(`[data-run-row="${first}"]`)).toHaveAttribute('data-verdict', JUDGED);
  await entry.getByRole('link', { name: /^Plan/ }).click();
  await expect(page.locator('[data-guard=cool-down]')).toHaveAttribute('data-level', 'block');
  const second = await start(page);
  expect(second).not.toBe(first);
  await expect(head(page)).toHaveAttribute('data-state', 'ended', { timeout: RUN_MS });
  await page.goto(`${runRoute(second).pathname}?with=${encodeURIComponent(first)}`);
  await expect(page.locator('[data-compared=verdict]')).toContainText(JUDGED);
  await expect(page.locator('[data-compared=result]')).toHaveAttribute('data-change', /better|worse|same/);

  await page.goto('/');
  await estate.showsWhole();
  expect(await estate.hostMarked('results', 'master')).toMatch(/host-\d/);
  expect(master).toMatch(/host-\d/);
  expect(pageErrors).toEqual([]);
});

test('a drill is aborted by keyboard alone, takes back what it did, and says so', async ({ lab, page, estate }) => {
  test.setTimeout(RUN_MS + COOL_MS + 60_000);
  await page.goto('/proxies');
  await page.locator('#who-serves [data-drill=broker-switch]').first().click();
  await expect(page).toHaveURL(/\/drills\/broker-switch\?aim=brokerNodes/);
  await start(page);
  const abort = page.getByRole('button', { name: 'Abort and undo' });
  await expect(page.locator('[data-step][data-state=done]').first()).toBeVisible({ timeout: RUN_MS });
  await abort.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Yes, abort and undo' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(abort).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect(head(page)).toHaveAttribute('data-state', 'ended', { timeout: RUN_MS });
  await expect(head(page)).toHaveAttribute('data-verdict', 'aborted');
  await page.goto('/');
  await estate.showsWhole();
  expect((await lab.status()).whole).toBe(true);
});

test('a Sentinel that falls silent while the plan is read refuses it by name, and the page says what changed', async ({
  lab,
  page,
  estate,
}) => {
  test.setTimeout(COOL_MS + 2 * LIMITS.wholeMs);
  await estate.showsWhole();
  await page.goto('/result-store');
  await page.locator('[data-entity="redisServices/results"] [data-drill=redis-switch]').click();
  await expect(page.locator('[data-clear=true]')).toBeVisible({ timeout: COOL_MS });
  await lab.pause('host-3/sentinel');
  await expect(page.locator('[data-clear=false]')).toContainText('Refused because', { timeout: LIMITS.seenMs });
  await expect(page.locator('[data-guard][data-level=block]').first()).toContainText(/sentinel/i);
  await expect(page.locator('[data-changed]')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Start drill', exact: true })).toBeDisabled();
  await lab.resume('host-3/sentinel');
  await expect(page.locator('[data-clear=true]')).toBeVisible({ timeout: LIMITS.wholeMs });
});

test('every drill has its place in the catalog, and the buttons on the pages lead to the plan of the thing', async ({
  estate,
  page,
}) => {
  await estate.showsWhole();
  await page.goto('/');
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await expect(page).toHaveURL(/\/drills$/);
  await expect(page.locator('[data-drill-entry]')).toHaveCount(16);
  await page.goto('/beat');
  await page.locator('[data-drill=beat-handover]').click();
  await expect(page.getByRole('radio', { checked: true })).toBeVisible();
  await page.goto('/broker?select=queues%2F%2F%3Acelery');
  await page.locator('[data-drill=queue-leader-move]').click();
  await expect(page.locator('label', { has: page.getByRole('radio', { checked: true }) })).toContainText('celery');
  await page.goto('/drills/nothing');
  await expect(page.locator('[data-not-found]')).toContainText('nothing');
  await page.goto('/runs/nothing');
  await expect(page.locator('[data-not-found]')).toContainText('nothing');
});

test('a viewer may look at plans and start nothing: the buttons say why, and the server refuses', async ({
  viewer,
  page,
  request,
}) => {
  await page.goto('/');
  const button = page.locator('[data-layer=results] [data-drill=redis-switch]');
  await expect(button).toBeDisabled();
  await expect(button).toHaveAttribute('title', /you are viewer/);
  await page.goto('/drills/redis-switch');
  await expect(page.locator('[data-plan-step]').first()).toBeVisible();
  await expect(page.locator('[data-start]')).toContainText('you are viewer');
  await expect(page.getByRole('button', { name: 'Start drill', exact: true })).toBeDisabled();
  const before = (await (await request.get(routes.api.runs)).json()) as RunsAnswer;
  await refusesStart(request, viewer, 'redis-switch');
  const after = (await (await request.get(routes.api.runs)).json()) as RunsAnswer;
  expect(after.runs.map(({ id }) => id)).toEqual(before.runs.map(({ id }) => id));
});

test('an operator may start what can be switched back, and no forced drill: the plan and the catalog say why', async ({
  operator,
  page,
  request,
}) => {
  test.setTimeout(COOL_MS + 60_000);
  const button = page.getByRole('button', { name: 'Start drill', exact: true });
  await page.goto('/drills');
  await expect(page.locator('#catalog [data-refusals]')).toContainText('Start forced drill: This needs the role admin');
  await expect(page.locator('[data-may-not]')).toHaveCount(0);

  await page.goto('/drills/redis-switch');
  await expect(page.locator('[data-clear=true]')).toBeVisible({ timeout: COOL_MS });
  const name = (await page.locator('[data-start] label b').textContent()) ?? '';
  await page.getByLabel(/^Type the name of the/).fill(name);
  await page.getByLabel('Reason, kept in the audit').fill('end-to-end test');
  await expect(button).toBeEnabled();

  await page.goto('/drills/redis-crash');
  await expect(page.locator('[data-plan-step]').first()).toBeVisible();
  await expect(page.locator('[data-start]')).toContainText('This needs the role admin; you are operator.');
  await expect(button).toBeDisabled();
  await refusesStart(request, operator, 'redis-crash');
});
