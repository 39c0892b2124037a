import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserLoginOptions } from '../login-options.ts';

const program = fileURLToPath(new URL('./fake-browser.mjs', import.meta.url));

/** What a fake browser does once it is started, see `fake-browser.mjs`. */
export type BrowserDeed =
  | 'fail'
  | 'end'
  | 'hang'
  | 'sign-in'
  | 'leave'
  | 'crash'
  | 'load'
  | 'wait'
  | 'wait for ever';

/** A user's folders and programs, with browsers that do as told. */
export interface FakeDesktop {
  readonly options: BrowserLoginOptions;
  readonly home: string;
  /** Installs a browser, or `xdg-open`. */
  install(name: string, does: BrowserDeed): void;
  /** Installs a program that prints a line. */
  installPrinting(name: string, line: string): void;
  /** Everything that this program noted. */
  seen(name: string): Readonly<Record<string, unknown>>[];
  /** What is left of dialogs. */
  leftovers(): string[];
  close(): void;
}

export function createFakeDesktop(): FakeDesktop {
  const root = mkdtempSync(join(tmpdir(), 'telex-login-'));
  const bin = join(root, 'bin');
  const home = join(root, 'home');
  const runtimeDir = join(root, 'run');
  for (const folder of [bin, home, runtimeDir]) mkdirSync(folder, { mode: 0o700 });
  const write = (name: string, text: string) => {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o700);
  };
  return {
    options: {
      places: [],
      environment: {
        platform: 'linux',
        user: 'ana',
        userId: process.getuid?.() ?? -1,
        runtimeDir,
        tempDir: root,
        home,
        path: [bin],
        display: { x11: true, wayland: false },
      },
    },
    home,
    install(name, does) {
      const own = join(root, name);
      mkdirSync(own, { recursive: true });
      writeFileSync(join(own, 'browser.mjs'), readFileSync(program));
      writeFileSync(join(own, 'does'), does);
      write(name, `#!/bin/sh\nexec "${process.execPath}" "${join(own, 'browser.mjs')}" "$@"\n`);
    },
    installPrinting: (name, line) => write(name, `#!/bin/sh\necho ${line}\n`),
    seen(name) {
      const file = join(root, name, 'seen.jsonl');
      if (!existsSync(file)) return [];
      return readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
    },
    leftovers() {
      const folder = join(runtimeDir, 'telex');
      return existsSync(folder) ? readdirSync(folder) : [];
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}
