import { parseArguments } from './cli/arguments.ts';
import { StartError } from './errors.ts';
import { VERSION } from './version.ts';

/** Runs the command line and gives the exit code; what goes wrong is told here. */
export async function telexStart(words: readonly string[]): Promise<number> {
  try {
    return await main(words);
  } catch (error) {
    return tell(error, words.includes('--json'));
  }
}

async function main(given: readonly string[]): Promise<number> {
  const invocation = parseArguments(given);
  switch (invocation.command) {
    case 'help': {
      const { helpText } = await import('./cli/help.ts');
      process.stdout.write(helpText(invocation.topic));
      return 0;
    }
    case 'version':
      console.log(`telex-start ${VERSION}`);
      return 0;
    case 'run': {
      const { run } = await import('./session/run.ts');
      await run(invocation);
      return 0;
    }
    case 'doctor': {
      const { runDoctor } = await import('./doctor/run-doctor.ts');
      return await runDoctor(invocation);
    }
    case 'install': {
      const { runInstall } = await import('./install/run-install.ts');
      return runInstall(invocation);
    }
    case 'uninstall': {
      const { runUninstall } = await import('./install/run-install.ts');
      return runUninstall(invocation);
    }
    default: {
      const { ask } = await import('./cli/ask.ts');
      return await ask(invocation);
    }
  }
}

function tell(error: unknown, asJson: boolean): number {
  const known =
    error instanceof StartError
      ? error
      : new StartError(
          'internal',
          `Telex Start made a mistake; please report it: ${String(error)}`,
        );
  const { code, message, exitCode } = known;
  if (asJson) console.log(JSON.stringify({ ok: false, error: { code, message } }));
  else console.error(message);
  return exitCode;
}
