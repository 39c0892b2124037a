import { buildEngine } from './build-engine.ts';

// Run before tests, so that no test waits for the build. A failure is told by each test that needs the program.
await buildEngine().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
});
