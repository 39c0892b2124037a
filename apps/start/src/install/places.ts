import { join } from 'node:path';
import type { Environment } from '../environment.ts';

/** Where an installation for one user goes. */
export interface InstallPlaces {
  readonly launcher: string;
  readonly program: string;
  readonly manifest: string;
  readonly entry: string;
  readonly autostart: string;
  readonly scalableIcon: string;
  /** By pixels. */
  readonly icon: (size: number) => string;
  readonly configFile: string;
}

export function installPlaces({
  home,
  dataHome,
  configDir,
  configFile,
}: Pick<Environment, 'home' | 'dataHome' | 'configDir' | 'configFile'>): InstallPlaces {
  const icons = join(dataHome, 'icons', 'hicolor');
  return {
    launcher: join(home, '.local', 'bin', 'telex-start'),
    program: join(dataHome, 'telex', 'telex-start.cjs'),
    manifest: join(dataHome, 'telex', 'installed.json'),
    entry: join(dataHome, 'applications', 'telex-start.desktop'),
    autostart: join(configDir, 'autostart', 'telex-start.desktop'),
    scalableIcon: join(icons, 'scalable', 'apps', 'telex-start.svg'),
    icon: (size) => join(icons, `${size}x${size}`, 'apps', 'telex-start.png'),
    configFile,
  };
}
