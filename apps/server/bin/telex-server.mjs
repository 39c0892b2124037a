#!/usr/bin/env node
import { launch } from '@telex/launcher';

launch({
  name: 'telex-server',
  main: new URL('../src/main.mjs', import.meta.url),
  minimum: '24.21',
});
