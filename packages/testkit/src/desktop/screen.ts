// Eyes and hands on a display: what is on it by xwininfo and import, the pointer and the keys by xdotool.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { runTool } from './run-tool.ts';

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A window that can be seen, where it really is. */
export interface ScreenWindow extends Area {
  /** `0x400003` */
  readonly id: string;
  readonly name: string;
  /** Instance and class: `xfce4-panel Xfce4-panel`. */
  readonly kind: string;
}

export interface Screen {
  /** All windows that can be seen, children included, in stacking order: uppermost first. */
  windows(): Promise<readonly ScreenWindow[]>;
  /** Looks, and looks again whenever a window is mapped, moved or goes. Rejects after the limit, with what there was. */
  until<Found>(
    what: string,
    find: (windows: readonly ScreenWindow[]) => Found | undefined,
    limitMs?: number,
  ): Promise<Found>;
  /** A real click of the pointer: 1 left, 2 middle, 3 right. */
  click(x: number, y: number, button?: 1 | 2 | 3): Promise<void>;
  move(x: number, y: number): Promise<void>;
  /** As if typed, wherever the keyboard's focus is. */
  type(text: string): Promise<void>;
  /** Keys by their names: `Return`, `ctrl+a`. */
  press(...keys: readonly string[]): Promise<void>;
  /** Red, green, blue of each pixel. */
  pixels(area: Area): Promise<Buffer>;
  /** Writes a PNG, of everything or of a part. */
  save(file: string, area?: Area): Promise<void>;
  close(): Promise<void>;
}

const LIMIT_MS = 15_000;
const TREE_ATTEMPTS = 5;
/** Some changes of a window (its name, its size inside a frame) are no event of the root window. */
const LOOK_AGAIN_MS = 250;

export async function openScreen(display: string): Promise<Screen> {
  const env = { ...process.env, DISPLAY: display };
  const tool = (name: string, debianPackage: string) => (words: readonly string[]) =>
    runTool(name, words, { package: debianPackage, env });
  const xdotool = tool('xdotool', 'xdotool');
  const xwininfo = tool('xwininfo', 'x11-utils');
  const image = tool('import', 'imagemagick');

  const listeners = new Set<() => void>();
  const watch = spawn('xev', ['-root', '-event', 'substructure'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const missing = once(watch, 'error').then(() => {
    throw new Error('xev is missing: apt-get install x11-utils');
  });
  missing.catch(() => {});
  await Promise.race([once(watch, 'spawn'), missing]);
  watch.stdout.on('data', () => {
    for (const listener of listeners) listener();
  });

  const wholeTree = async (attempts = TREE_ATTEMPTS): Promise<string> => {
    try {
      return (await xwininfo(['-root', '-tree'])).toString();
    } catch (error) {
      // It fails as a whole where a window goes while it looks.
      if (attempts === 0) throw error;
      return wholeTree(attempts - 1);
    }
  };
  const windows: Screen['windows'] = async () => {
    const tree = readTree(await wholeTree());
    const visible = await xdotool(['search', '--onlyvisible', '--name', '']).catch(() => '');
    const ids = new Set(
      visible
        .toString()
        .split('\n')
        .map((line) => Number(line)),
    );
    return tree.filter(({ id }) => ids.has(Number(id)));
  };
  const crop = (area: Area | undefined) =>
    area === undefined ? [] : ['-crop', `${area.width}x${area.height}+${area.x}+${area.y}`];
  return {
    windows,
    async until(what, find, limitMs = LIMIT_MS) {
      const deadline = performance.now() + limitMs;
      for (;;) {
        const changed = nextChange(listeners);
        const now = await windows();
        const found = find(now);
        if (found !== undefined) {
          changed.cancel();
          return found;
        }
        if (performance.now() > deadline) {
          changed.cancel();
          const list = now.map(({ name, kind, ...area }) =>
            JSON.stringify({ name, kind, ...area }),
          );
          throw new Error(`${what}: not within ${limitMs} ms. On the screen:\n${list.join('\n')}`);
        }
        await changed.happened;
      }
    },
    async click(x, y, button = 1) {
      // In two steps, as a hand does it: some menus take no click of a pointer that has not moved over them.
      await xdotool(['mousemove', `${x}`, `${y}`]);
      await xdotool(['click', `${button}`]);
    },
    move: async (x, y) => void (await xdotool(['mousemove', `${x}`, `${y}`])),
    type: async (text) => void (await xdotool(['type', '--delay', '8', '--', text])),
    press: async (...keys) => void (await xdotool(['key', '--delay', '8', '--', ...keys])),
    pixels: (area) => image(['-window', 'root', ...crop(area), '-depth', '8', 'rgb:-']),
    save: async (file, area) =>
      void (await image(['-window', 'root', ...crop(area), '+repage', file])),
    async close() {
      if (watch.exitCode !== null || watch.signalCode !== null) return;
      const gone = once(watch, 'exit');
      watch.kill('SIGKILL');
      await gone;
    },
  };
}

function nextChange(listeners: Set<() => void>) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, LOOK_AGAIN_MS);
  listeners.add(resolve);
  const cancel = () => {
    clearTimeout(timer);
    listeners.delete(resolve);
  };
  return { happened: promise.finally(cancel), cancel };
}

/** Lines of `xwininfo -root -tree`: `0x200003 "name": ("instance" "Class")  10x20+1+2  +11+22`. */
function readTree(text: string): readonly ScreenWindow[] {
  const line =
    /^\s+(0x[0-9a-f]+) (?:"(.*)"|\(has no name\)): \((?:"(.*?)" "(.*?)")?\)\s+(\d+)x(\d+)\S+\s+\+(-?\d+)\+(-?\d+)$/;
  return text.split('\n').flatMap((each) => {
    const [, id, name = '', instance = '', className = '', width, height, x, y] =
      line.exec(each) ?? [];
    if (id === undefined) return [];
    return [
      {
        ...{ id, name, kind: `${instance} ${className}`.trim() },
        ...{ x: Number(x), y: Number(y), width: Number(width), height: Number(height) },
      },
    ];
  });
}
