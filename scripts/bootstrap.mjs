// Makes a fresh clone ready: it runs before `start`, `test`, `check` and `bench`, under whatever Node the machine has
// (20.19 or newer), so it is plain JavaScript without dependencies. With everything in place it reads two files and ends.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The oldest Node that has all that Telex uses (type stripping without a flag, `crypto.argon2`). */
const needed = [24, 21];
/** npm settings of the outer command that would make the nested `npm ci` install elsewhere, or only a part. */
const notInherited =
  /^npm_config_(global|location|prefix|local_prefix|workspaces?|include_workspace_root|omit|include|only|production|dev|dry_run|package_lock_only|package_lock|ignore_scripts|loglevel|json|silent|if_present)$/i;

const root = fileURLToPath(new URL('..', import.meta.url));
const stampFile = `${root}node_modules/.telex-stamp`;
const lockHash = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .update(`${process.platform}-${process.arch}`)
  .digest('hex');

const installingFile = `${root}.installing`;

const wasInstalled = isInstalled();
if (!wasInstalled) await installAlone();
checkNode(wasInstalled);

function isInstalled() {
  return readIfThere(stampFile) === lockHash;
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Two terminals in a fresh clone: the second command waits for the first one's installation. */
async function installAlone() {
  for (let isFirstLook = true; !takeLock(); isFirstLook = false) {
    if (isFirstLook) console.log('Another command is installing what Telex needs; waiting ...');
    await delay(250);
  }
  try {
    if (!isInstalled()) await install();
  } finally {
    rmSync(installingFile, { force: true });
  }
}

function takeLock() {
  try {
    writeFileSync(installingFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!isHeld()) rmSync(installingFile, { force: true });
    return false;
  }
}

/** A file without a number was made a moment ago, or its maker died before writing into it. */
function isHeld() {
  const pid = Number(readIfThere(installingFile));
  if (pid === 0) {
    const { mtimeMs } = statSync(installingFile, { throwIfNoEntry: false }) ?? { mtimeMs: 0 };
    return Date.now() - mtimeMs < 5_000;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function install() {
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
  console.log('Installing what Telex needs, as package-lock.json lists it (once, about 15 s) ...');
  const ticker = setInterval(() => console.log(`  still installing, ${seconds()} ...`), 5_000);
  const { code, output } = await npmCi();
  clearInterval(ticker);
  if (code !== 0) {
    console.error(output.trim());
    rmSync(installingFile, { force: true });
    stop(
      'Telex could not install its packages: `npm ci` failed as shown above. With the registry reachable, run the same command again.',
    );
  }
  writeFileSync(stampFile, lockHash);
  console.log(`Installed in ${seconds()}.`);
}

/** `npm ci` by the npm that runs us, on the Node that runs that npm: ours is inside the folder it is about to replace. */
function npmCi() {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name !== 'NODE_ENV' && !notInherited.test(name)),
  );
  const args = ['ci', '--ignore-scripts', '--loglevel=error'];
  const npmScript = process.env.npm_execpath ?? '';
  const isNpm = /npm-cli\.c?js$/.test(npmScript);
  const node = process.env.npm_node_execpath ?? process.execPath;
  const stdio = ['ignore', 'pipe', 'pipe'];
  const child = isNpm
    ? spawn(node, [npmScript, ...args], { cwd: root, env, stdio })
    : spawn('npm', args, { cwd: root, env, stdio, shell: process.platform === 'win32' });
  return new Promise((resolve) => {
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-8_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ code: 1, output: `npm: ${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * The script that follows gets the first `node` on the PATH. Inside an npm script on an installed tree that is the one
 * running this file; otherwise ask it.
 */
function checkNode(isOurselves) {
  const inNpmScript = process.env.npm_lifecycle_event !== undefined;
  const version =
    isOurselves && inNpmScript ? process.versions.node : (versionOfFollowingNode() ?? 'none');
  if (isNewEnough(version)) return;
  stop(
    `Telex needs Node ${needed.join('.')} or newer and found ${version}: none comes with it for ${process.platform}-${process.arch}, so install Node 24 from https://nodejs.org and run the same command again.`,
  );
}

function versionOfFollowingNode() {
  const separator = process.platform === 'win32' ? ';' : ':';
  const path = `${root}node_modules/.bin${separator}${process.env.PATH ?? ''}`;
  const asked = spawnSync('node', ['-p', 'process.versions.node'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
    shell: process.platform === 'win32',
  });
  return asked.status === 0 ? asked.stdout.trim() : undefined;
}

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > needed[0] || (major === needed[0] && minor >= needed[1]);
}

function stop(message) {
  console.error(message);
  process.exit(1);
}
