#!/usr/bin/env node
import { launch } from '@telex/launcher';

launch({
  name: 'telex-hub',
  main: new URL('../src/main.mjs', import.meta.url),
  minimum: '24.21',
  // Young objects get 4 MB in place of 16, three times over: of ten thousand idle clients each then takes 4 KB less.
  flags: ['--max-semi-space-size=4'],
});
