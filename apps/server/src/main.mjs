// The program's first file is JavaScript, so that at a second start, when everything else comes from
// the cache, Node need not load what strips types: that takes 30 ms and 11 MB.
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

// In the user's own folder, since what is there is run.
const { XDG_CACHE_HOME: xdg } = process.env;
const cache = xdg?.startsWith('/') === true ? xdg : join(homedir(), '.cache');
enableCompileCache(join(cache, 'telex', 'compiled'));

// Loading makes a lot of garbage once; room for it would stay taken for good (10 MB). When the server
// is ready, room is made as load needs it.
setFlagsFromString('--semi-space-growth-factor=1');
const ready = () => setFlagsFromString('--semi-space-growth-factor=2');

const { run } = await import('./run.ts');
process.exit(await run(ready));
