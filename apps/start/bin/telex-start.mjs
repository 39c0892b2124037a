#!/usr/bin/env node
import { launch } from '@telex/launcher';
import { nodeFlags } from './node-flags.mjs';

launch({
  name: 'telex-start',
  main: new URL('../src/main.ts', import.meta.url),
  minimum: '22.18',
  flags: nodeFlags,
});
