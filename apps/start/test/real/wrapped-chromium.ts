import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { needProgram } from '@telex/testkit';

/**
 * Root, as in a container, can't have Chromium's sandbox, and a test wants to read the page: a script of this name, first on the
 * path, adds what the product never passes. Gives the path to use.
 */
export function pathWithChromium(folder: string, path = process.env.PATH ?? ''): string {
  const real = needProgram('chromium');
  mkdirSync(folder, { recursive: true });
  const flags = [
    ...(process.getuid?.() === 0 ? ['--no-sandbox', '--test-type'] : []),
    '--disable-gpu --disable-dev-shm-usage --remote-debugging-port=0',
  ].join(' ');
  const script = `#!/bin/sh\nexec '${real}' ${flags} "$@"\n`;
  writeFileSync(join(folder, 'chromium'), script, { mode: 0o755 });
  return [folder, path].join(delimiter);
}
