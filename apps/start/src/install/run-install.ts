import { readdirSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Invocation } from '../cli/arguments.ts';
import { type Config, type Environment, readConfig, readEnvironment } from '../environment.ts';
import { StartError } from '../errors.ts';
import { readCertificate } from '../read-certificate.ts';
import { readServerAddress } from '../settings.ts';
import { iconPng } from '../tray/icon-png.ts';
import { iconSvg } from '../tray/icon-svg.ts';
import { bundleFile } from './bundle-file.ts';
import { applicationEntry, autostartEntry } from './entry-text.ts';
import {
  type InstallFile,
  installFiles,
  removeEmpty,
  removeFiles,
  writeFile,
} from './install-files.ts';
import { launcherScript } from './launcher-script.ts';
import { readManifest } from './manifest.ts';
import { type InstallPlaces, installPlaces } from './places.ts';

type InstallInvocation = Extract<Invocation, { command: 'install' }>;
type UninstallInvocation = Extract<Invocation, { command: 'uninstall' }>;

const ICON_SIZES = [16, 24, 32, 48, 64, 128, 256];
/** Where distributions keep their authorities one by one, each named by its hash. */
const CERTIFICATES = '/etc/ssl/certs';
const SETTINGS_MODE = 0o600;

/** `telex-start install`: for this user alone, and no more than `uninstall` takes away. Gives the exit code. */
export function runInstall(invocation: InstallInvocation): number {
  const environment = linuxOnly();
  const places = installPlaces(environment);
  const before = readManifest(places.manifest);
  const config = newConfig(invocation, places.configFile);
  const hadAutostart = before?.files.some(({ path }) => path === places.autostart) ?? false;
  const withAutostart = invocation.autostart ?? hadAutostart;

  const files = filesToInstall(places, withAutostart);
  const { manifest, written } = installFiles(files, before);
  const kept = new Set(manifest.files.map(({ path }) => path));
  const dropped = before?.files.filter(({ path }) => !kept.has(path)) ?? [];
  const { removed, kept: leftAlone } = removeFiles({ files: dropped, folders: [] });
  writeFile(places.manifest, `${JSON.stringify(manifest, null, 2)}\n`, 0o644);
  if (config !== undefined) {
    writeFile(places.configFile, `${JSON.stringify(config, null, 2)}\n`, SETTINGS_MODE);
  }
  const settings = config === undefined ? undefined : places.configFile;
  if (invocation.json) {
    console.log(JSON.stringify({ ok: true, written, removed, kept: leftAlone, settings }));
    return 0;
  }
  report('Installed:', written);
  report('Removed:', removed);
  report('Left as it is, because it was changed:', leftAlone);
  if (settings !== undefined) report('Settings:', [settings]);
  if (written.length + removed.length === 0) console.log('Everything is in place already.');
  if (!environment.path.includes(dirname(places.launcher))) {
    console.log(
      `${dirname(places.launcher)} is not on your PATH: start it from the menu, or as ${places.launcher}`,
    );
  }
  if (!withAutostart) console.log('To start it with your session: telex-start install --autostart');
  return 0;
}

/** `telex-start uninstall`: what `install` wrote and nobody changed. Gives the exit code. */
export function runUninstall({ json }: UninstallInvocation): number {
  const places = installPlaces(linuxOnly());
  const manifest = readManifest(places.manifest);
  if (manifest === undefined) {
    console.log(
      json
        ? JSON.stringify({ ok: true, removed: [], kept: [] })
        : 'Telex Start is not installed for you.',
    );
    return 0;
  }
  const { removed, kept } = removeFiles(manifest);
  rmSync(places.manifest, { force: true });
  removeEmpty(manifest.folders);
  if (json) {
    console.log(JSON.stringify({ ok: true, removed, kept }));
    return 0;
  }
  report('Removed:', removed);
  report('Left as it is, because it was changed since:', kept);
  console.log(`Your settings stay: ${places.configFile}`);
  return 0;
}

function filesToInstall(places: InstallPlaces, withAutostart: boolean): InstallFile[] {
  const { launcher, program } = places;
  const script = launcherScript({
    node: process.execPath,
    program,
    certificates: hasHashedCertificates() ? CERTIFICATES : undefined,
  });
  return [
    { path: program, content: bundleFile(process.argv[1] ?? '') },
    { path: launcher, content: script, mode: 0o755 },
    { path: places.scalableIcon, content: iconSvg('ok') },
    ...ICON_SIZES.map((size) => ({ path: places.icon(size), content: iconPng('ok', size) })),
    { path: places.entry, content: applicationEntry(launcher) },
    ...(withAutostart ? [{ path: places.autostart, content: autostartEntry(launcher) }] : []),
  ];
}

/** The settings file with what was given, undefined where nothing was. Checked before anything is written. */
function newConfig({ server, ca }: InstallInvocation, file: string): Config | undefined {
  if (server === undefined && ca === undefined) return undefined;
  if (server !== undefined) readServerAddress(server);
  if (ca !== undefined) readCertificate(ca);
  return {
    ...readConfig(file),
    ...(server === undefined ? {} : { server }),
    ...(ca === undefined ? {} : { ca: resolve(ca) }),
  };
}

function hasHashedCertificates(): boolean {
  try {
    return readdirSync(CERTIFICATES).some((name) => /^[0-9a-f]{8}\.\d$/.test(name));
  } catch {
    return false;
  }
}

function linuxOnly(): Environment {
  const environment = readEnvironment();
  if (environment.platform === 'linux') return environment;
  throw new StartError('unknown_command', 'Installing is for Linux so far.');
}

function report(title: string, paths: readonly string[]): void {
  if (paths.length > 0) console.log(`${title}\n${paths.map((path) => `  ${path}`).join('\n')}`);
}
