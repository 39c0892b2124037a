// Runs the demo on the stand-ins and stays up, for the test that kills it.
import { join } from 'node:path';
import { runDemo } from '../run-demo.ts';

const dataDir = process.argv[2] ?? '';
await runDemo({
  programs: {
    server: new URL('fake-server.ts', import.meta.url),
    start: new URL('fake-start.ts', import.meta.url),
  },
  dataDir,
  controlDir: join(dataDir, 'control'),
  port: 0,
  push: 'hub',
  print: (line) => console.log(line),
  signal: new AbortController().signal,
});
console.log('up');
