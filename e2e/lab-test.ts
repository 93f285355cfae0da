/** Tests that break the lab: each begins with a whole one and ends with a whole one. */
import { execFileSync } from 'node:child_process';
import { test as base, type Page } from 'playwright/test';
import { type Lab, openLab } from '#lab/control.ts';
import type { Role } from '#lib/permissions.ts';
import { EstatePage } from './estate-page.ts';

type Fixtures = {
  lab: Lab;
  estate: EstatePage;
  /** Console errors and page errors so far; a test that expects some removes them. */
  pageErrors: string[];
  /** Somebody who may only look: the page is theirs, and the header is for requests beside it. */
  viewer: Somebody;
  /** As `viewer`, with the role operator; named before `estate`, they open that page. */
  operator: Somebody;
};

/** A machine that is short of time costs Consul its leader now and then, for some seconds. */
export const WHOLE_LIMIT_MS = 60_000;

export type Somebody = { name: string; authorization: string };

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures from the pattern.
  lab: async ({}, use) => {
    const lab = openLab();
    await lab.up();
    await use(lab);
    await lab.up();
  },
  pageErrors: async ({ page }, use) => {
    const errors: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => errors.push(error.message));
    await use(errors);
  },
  viewer: ({ lab, page }, use) => asSomebody('viewer', lab, page, use),
  operator: ({ lab, page }, use) => asSomebody('operator', lab, page, use),
  estate: async ({ page }, use) => {
    const estate = new EstatePage(page);
    await estate.open();
    await estate.showsWhole();
    await use(estate);
  },
});

/** The page is somebody's of this role, whose token lasts as long as the test. */
async function asSomebody(
  role: Role,
  { paths }: Lab,
  page: Page,
  use: (one: Somebody) => Promise<void>,
): Promise<void> {
  const name = `${role}-${Date.now()}`;
  const token = tokens(paths.trellisYaml, 'create', '--name', name, '--role', role, '--days', '1')
    .split('\n')
    .find((line) => line.startsWith('trls_'));
  const authorization = `Bearer ${token?.trim()}`;
  await page.setExtraHTTPHeaders({ authorization });
  await use({ name, authorization });
  tokens(paths.trellisYaml, 'revoke', name);
}

/** Runs `npm run token` against the running Trellis, which takes changes at once. */
function tokens(config: string, ...args: readonly string[]): string {
  return execFileSync(process.execPath, ['server/cli/token.ts', ...args, '--config', config], { encoding: 'utf8' });
}
