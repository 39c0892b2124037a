import { execFile } from 'node:child_process';

export interface ToolOptions {
  /** The Debian package that holds it, named where it is missing. */
  readonly package: string;
  readonly env: NodeJS.ProcessEnv;
}

const LIMIT_MS = 10_000;
const LARGEST_OUTPUT = 64 * 1024 * 1024;

/** Runs a program to its end and gives what it wrote. Rejects with what it complained of. */
export function runTool(
  program: string,
  words: readonly string[],
  { package: debianPackage, env }: ToolOptions,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const limits = { timeout: LIMIT_MS, maxBuffer: LARGEST_OUTPUT, encoding: 'buffer' } as const;
    execFile(program, words, { env, ...limits }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === 'ENOENT') {
        reject(new Error(`${program} is missing: apt-get install ${debianPackage}`));
      } else reject(new Error(`${program} ${words.join(' ')}: ${error.message}\n${stderr}`));
    });
  });
}
