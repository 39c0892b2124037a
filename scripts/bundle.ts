// `npm run build`: Telex Start as one file, `apps/start/dist/telex-start.cjs`, which needs nothing but a Node. The same
// sources give the same bytes.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const BUILTIN = '\0builtin:';
const LATE_ZLIB = '\0builtin:late-zlib';
const LICENCE_FILES = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE'];

/** Bundles Telex Start and gives the text of the file. */
export async function bundleStart(): Promise<string> {
  await using bundle = await rolldown({
    cwd: root,
    input: join(root, 'apps', 'start', 'src', 'main.ts'),
    platform: 'node',
    plugins: [socketClientOnly(), lateBuiltins()],
    onLog: (_level, log) => {
      throw new Error(`rolldown: ${log.message}`);
    },
  });
  const { output } = await bundle.generate({
    // CommonJS: to import `node:http` as a module reads all it exports, which loads all of fetch (6.6 MB).
    format: 'cjs',
    codeSplitting: false,
    minify: true,
    comments: false,
  });
  const [chunk, ...others] = output;
  if (others.length > 0) throw new Error('the bundle is more than one file');
  return `${asciiOnly(chunk.code)}\n${licences(Object.keys(chunk.modules))}`;
}

/**
 * Parts of Node are loaded with the module that imports them, not all of them at the start.
 */
function lateBuiltins(): Plugin {
  const names = new Set(builtinModules);
  return {
    name: 'late-builtins',
    resolveId: (source, importer) => {
      const name = source.replace(/^node:/, '');
      if (!names.has(name)) return null;
      if (importer?.startsWith(BUILTIN)) return { id: source, external: true };
      return `${BUILTIN}${name}`;
    },
    load: (id) =>
      id.startsWith(BUILTIN)
        ? `module.exports = require('node:${id.slice(BUILTIN.length)}');`
        : null,
  };
}

/** `ws` as its client alone: its server, its compression and its optional native parts are not used. */
function socketClientOnly(): Plugin {
  const client = join(root, 'node_modules', 'ws', 'lib', 'websocket.js');
  return {
    name: 'socket-client-only',
    resolveId: (source, importer) => {
      if (source === 'ws') return client;
      if (source === 'zlib' && importer?.includes('/node_modules/ws/')) return LATE_ZLIB;
      const isOptional = source === 'bufferutil' || source === 'utf-8-validate';
      return isOptional ? { id: source, external: true } : null;
    },
    load: (id) =>
      id === LATE_ZLIB
        ? "module.exports = new Proxy({}, { get: (_, name) => require('node:zlib')[name] });"
        : null,
  };
}

/** With one character outside Latin-1 V8 keeps the whole text at two bytes a character. */
function asciiOnly(code: string): string {
  return code.replace(
    /[^ -~\n\t]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The licences of what is inside, as their authors ask. */
function licences(modules: readonly string[]): string {
  const folders = modules.flatMap(
    (file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [],
  );
  const texts = [...new Set(folders)].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return `${name} ${version}\n\n${licenceText(folder).trim().replaceAll('*/', '* /')}`;
  });
  return `/*\nTelex Start holds these packages, under their licences.\n\n${texts.join('\n\n')}\n*/\n`;
}

function licenceText(folder: string): string {
  for (const file of LICENCE_FILES) {
    try {
      return readFileSync(join(folder, file), 'utf8');
    } catch {
      // The next name.
    }
  }
  throw new Error(`${folder} has no licence file`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = join(root, 'apps', 'start', 'dist', 'telex-start.cjs');
  const code = await bundleStart();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, code, { mode: 0o755 });
  console.log(`${relative(root, file)}: ${(Buffer.byteLength(code) / 1024).toFixed(0)} KiB`);
}
