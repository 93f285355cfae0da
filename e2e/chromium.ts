/** The browser of the end-to-end tests and the pictures: the system's Chromium, or Playwright's own where there is none. */
import { existsSync } from 'node:fs';
import type { LaunchOptions } from 'playwright';

const SYSTEM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

export const CHROMIUM: LaunchOptions = {
  ...(existsSync(SYSTEM) ? { executablePath: SYSTEM } : {}),
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};
