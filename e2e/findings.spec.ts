/** What broke, what follows from it, who is on it, and what may still be lost; on the real lab. */
import { expect, type Page } from 'playwright/test';
import { memberId, rabbitNode } from '#lab/layout.ts';
import { LIMITS } from './estate-page.ts';
import { test } from './lab-test.ts';

const DOWN = `findings/BrokerNodeDown:brokerNodes/${rabbitNode('host-3')}`;
const finding = (page: Page, entity: string) => page.locator(`[data-entity="${entity}"]`);

test('a killed broker node is one finding with its consequences under it; it leads the header until somebody is on it', async ({
  lab,
  page,
  estate,
  pageErrors,
}) => {
  await estate.showsWhole();
  const verdict = page.locator('[data-verdict]');
  await expect(verdict).toContainText('You can lose any one host.', { timeout: LIMITS.wholeMs });
  await page.goto('/findings');
  await lab.kill('host-3/rabbitmq');
  const root = finding(page, DOWN);
  await expect(root).toBeVisible({ timeout: LIMITS.seenMs });
  const group = page.getByRole('listitem').filter({ has: root });
  await expect(group.locator('[data-code=QueueMissingCopies]')).toBeVisible({ timeout: LIMITS.seenMs });
  await expect(group.locator('[data-code=ProxyOnBackup]')).toBeVisible({ timeout: LIMITS.seenMs });
  await expect(verdict).toContainText('Degraded. rabbit-3 is down');

  await root.getByRole('button', { expanded: false }).first().click();
  await expect(root).toContainText('rabbit-3 does not run');
  await root.getByLabel('You').fill('ann');
  await root.getByLabel('Why it may stay so').fill('disk is being changed');
  await root.getByRole('button', { name: 'Acknowledge' }).click();
  await expect(root).toContainText('acknowledged by ann');
  await expect(verdict).toContainText('All else runs. 1 problem acknowledged.');

  // Another browser sees the same, by the same address.
  const other = await page.context().browser()?.newPage();
  await other?.goto(page.url());
  await expect(finding(other as Page, DOWN)).toContainText('disk is being changed');
  await other?.close();

  await root.getByLabel('Why it is withdrawn').fill('too early');
  await root.getByRole('button', { name: 'Withdraw' }).click();
  await expect(verdict).toContainText('Degraded. rabbit-3 is down');
  await lab.start('host-3/rabbitmq');
  await expect(root).toHaveCount(0, { timeout: LIMITS.wholeMs });
  expect(pageErrors).toEqual([]);
});

test('a silent Sentinel takes back that any one host may be lost, on the rack, in the header and in the forecast', async ({
  lab,
  page,
  estate,
}) => {
  await estate.showsWhole();
  await expect(page.locator('[data-verdict]')).toContainText('You can lose any one host.', {
    timeout: LIMITS.wholeMs,
  });
  // Two are needed to replace a master: the host of the master can then not be lost.
  const master = await estate.hostMarked('results', 'master');
  const silent = memberId(master === 'host-3' ? 'host-1' : 'host-3', 'sentinel');
  await lab.pause(silent);
  await expect(page.locator('[data-verdict]')).not.toContainText('any one host', { timeout: LIMITS.seenMs });
  await page.goto('/forecast');
  await expect(page.locator(`[data-forecast="hosts/${master}"]:not([data-status=ok])`)).toHaveCount(1);
  await lab.resume(silent);
  await expect(page.locator('[data-verdict]')).toContainText('You can lose any one host.', {
    timeout: LIMITS.wholeMs,
  });
});
