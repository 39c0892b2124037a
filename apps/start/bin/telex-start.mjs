#!/usr/bin/env node
import { launch } from '@telex/launcher';

launch({
  name: 'telex-start',
  main: new URL('../src/main.ts', import.meta.url),
  minimum: '22.18',
  // A burst of messages then grows by less, and gives it back sooner.
  flags: ['--max-semi-space-size=1'],
});
