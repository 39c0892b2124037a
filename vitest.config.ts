import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{packages,apps}/*/**/*.test.ts', '{scripts,bench}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    // What is waited for comes, on a busy machine a little later: a second would be a test of the machine.
    expect: { poll: { timeout: 10_000 } },
    // Every suite must leave nothing behind: globals, timers and mocks are its own business.
    isolate: true,
  },
});
