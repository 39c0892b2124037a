import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

// Before anything else is loaded: the next start then compiles nothing and strips no types, which halves its time and memory.
// In the user's own folder, since what is there is run. The launcher asks for the same, and then for this file too.
const { XDG_CACHE_HOME: xdg = '' } = process.env;
enableCompileCache(join(isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'telex', 'compiled'));

// No `await` out here: the bundle is a CommonJS file.
void import('./telex-start.ts').then(async ({ telexStart }) => {
  process.exitCode = await telexStart(process.argv.slice(2));
});
