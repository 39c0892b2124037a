#!/usr/bin/env node
import { launch } from '@telex/launcher';

launch({
  name: 'telex-start',
  main: new URL('../src/main.ts', import.meta.url),
  minimum: '22.18',
});
