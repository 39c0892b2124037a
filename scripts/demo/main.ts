// `npm start`: Telex on this machine, up to the first notification (ARCHITECTURE.md, "The way of one message").
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DemoError } from './demo-error.ts';
import { type DemoOptions, demoHelp, parseDemoOptions } from './options.ts';
import { type Demo, runDemo } from './run-demo.ts';
import { failure, timing, whatNext } from './words.ts';

const root = new URL('../../', import.meta.url);
const programs = {
  server: new URL('apps/server/src/main.mjs', root),
  start: new URL('apps/start/src/main.ts', root),
};

const parsed = parseDemoOptions(process.argv.slice(2));
if (parsed.kind === 'help') {
  console.log(demoHelp);
} else if (parsed.kind === 'wrong') {
  console.error(`${parsed.message}\n\n${demoHelp}`);
  process.exitCode = 2;
} else {
  process.exitCode = await main(parsed.options);
}

async function main(options: DemoOptions): Promise<number> {
  const temporary = mkdtempSync(join(tmpdir(), 'telex-'));
  const { isOnce, port, push } = options;
  const usual = isOnce ? join(temporary, 'data') : fileURLToPath(new URL('.data', root));
  const dataDir = resolve(options.dataDir ?? usual);
  const interrupt = new AbortController();
  const stopSignal = onStopSignal(() => interrupt.abort());
  try {
    console.log('Starting Telex on this machine ...');
    const demo = await runDemo({
      programs,
      dataDir,
      // A socket's path has room for about 100 characters, which a clone deep in a home directory can exceed.
      controlDir: join(temporary, 'control'),
      port,
      push,
      print: (line) => console.log(line),
      signal: interrupt.signal,
    });
    console.log(`\n${timing(demo.posted, demo.shown)}\n`);
    if (!isOnce) {
      console.log(whatNext(demo.server, join(temporary, 'control'), demo.isPrinted));
      await untilStopped(demo, interrupt.signal);
    }
    await demo.close();
    return 0;
  } catch (error) {
    if (interrupt.signal.aborted) return isOnce ? 130 : 0;
    if (!(error instanceof DemoError)) throw error;
    console.error(`\n${failure(error)}`);
    return 1;
  } finally {
    stopSignal.close();
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function untilStopped(demo: Demo, signal: AbortSignal): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
  try {
    await Promise.race([stopped, demo.ended]);
  } catch (error) {
    await demo.close();
    throw error;
  }
  console.log('\nStopping ...');
  // A second Ctrl-C does not wait for the programs to finish.
  const second = onStopSignal(() => demo.kill());
  await demo.close();
  second.close();
}

function onStopSignal(listener: () => void): { close(): void } {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, listener);
  return {
    close: () => {
      for (const signal of signals) process.off(signal, listener);
    },
  };
}
