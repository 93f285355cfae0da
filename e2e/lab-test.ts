/** Tests that break the lab: each begins with a whole one and ends with a whole one. */
import { test as base } from 'playwright/test';
import { type Lab, openLab } from '#lab/control.ts';
import { EstatePage } from './estate-page.ts';

type Fixtures = {
  lab: Lab;
  estate: EstatePage;
  /** Console errors and page errors so far; a test that expects some removes them. */
  pageErrors: string[];
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
  estate: async ({ page }, use) => {
    const estate = new EstatePage(page);
    await estate.open();
    await estate.showsWhole();
    await use(estate);
  },
});
