import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// Before anything else is loaded: the second start then needs no compiling and no type stripping.
// In the user's own folder, since what is there is run.
const { XDG_CACHE_HOME: xdg } = process.env;
const cache = xdg?.startsWith('/') === true ? xdg : join(homedir(), '.cache');
enableCompileCache(join(cache, 'telex', 'compiled'));

const { run } = await import('./run.ts');
process.exit(await run());
