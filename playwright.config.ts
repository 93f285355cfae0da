import { defineConfig } from 'playwright/test';
import { CHROMIUM } from '#e2e/chromium.ts';

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  // Drills take minutes each: `npm run test:drills`.
  testIgnore: process.env.TRELLIS_DRILLS === '1' ? [] : ['**/drills.spec.ts'],
  // One estate, broken on purpose by each test: only one at a time.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    baseURL: process.env.TRELLIS_URL ?? 'http://127.0.0.1:3000',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: CHROMIUM,
  },
});
