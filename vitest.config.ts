import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Dates are compared as text in places; a machine's own zone must not decide the outcome.
process.env.TZ = 'UTC';

const LAB_TESTS = '**/*.lab.test.ts';
const EXCLUDED = ['**/node_modules/**', '**/.next/**', '**/.lab/**'];

export default defineConfig({
  test: {
    env: { TZ: 'UTC' },
    // How long a condition may take on a machine that is busy; one that holds is not waited for.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'architecture',
          include: ['e2e/architecture/**/*.test.ts'],
          exclude: EXCLUDED,
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{lib,server,lab,bench,components,app}/**/*.test.{ts,tsx}'],
          exclude: [...EXCLUDED, LAB_TESTS],
          // Vitest leaves one core free, which is half of a machine with two.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          testTimeout: 15_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: [LAB_TESTS],
          // Those of drills take minutes: `npm run test:drills`.
          exclude: process.env.TRELLIS_DRILLS === '1' ? EXCLUDED : [...EXCLUDED, 'server/drills/**'],
          // One estate, broken on purpose by each test: only one at a time.
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
