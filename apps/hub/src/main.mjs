// The program's first file is JavaScript, so that at a second start, when everything else comes from
// the cache, Node need not load what strips types: that takes 30 ms and 11 MB.
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// In the user's own folder, since what is there is run.
const { XDG_CACHE_HOME: xdg } = process.env;
const cache = xdg?.startsWith('/') === true ? xdg : join(homedir(), '.cache');
enableCompileCache(join(cache, 'telex', 'compiled'));

const { run } = await import('./run.ts');
process.exit(await run());
