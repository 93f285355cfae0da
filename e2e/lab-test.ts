/** Tests that break the lab: each begins with a whole one and ends with a whole one. */
import { execFileSync } from 'node:child_process';
import { test as base } from 'playwright/test';
import { type Lab, openLab } from '#lab/control.ts';
import { EstatePage } from './estate-page.ts';

type Fixtures = {
  lab: Lab;
  estate: EstatePage;
  /** Console errors and page errors so far; a test that expects some removes them. */
  pageErrors: string[];
  /** Somebody who may only look: the page is theirs, and the header is for requests beside it. */
  viewer: { name: string; authorization: string };
};

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
  viewer: async ({ lab, page }, use) => {
    const name = `viewer-${Date.now()}`;
    const token = tokens(lab.paths.trellisYaml, 'create', '--name', name, '--role', 'viewer', '--days', '1')
      .split('\n')
      .find((line) => line.startsWith('trls_'));
    const authorization = `Bearer ${token?.trim()}`;
    await page.setExtraHTTPHeaders({ authorization });
    await use({ name, authorization });
    tokens(lab.paths.trellisYaml, 'revoke', name);
  },
  estate: async ({ page }, use) => {
    const estate = new EstatePage(page);
    await estate.open();
    await estate.showsWhole();
    await use(estate);
  },
});

/** Runs `npm run token` against the running Trellis, which takes changes at once. */
function tokens(config: string, ...args: readonly string[]): string {
  return execFileSync(process.execPath, ['server/cli/token.ts', ...args, '--config', config], { encoding: 'utf8' });
}
