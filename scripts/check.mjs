// `npm run check`: Biome over everything, and the type check once per environment. Each tsconfig.json is one environment:
// pure code has `types: []`, so that `process` and `node:*` do not compile there; tests and programs have Node's types.
import { spawn } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => join(root, 'node_modules', '.bin', name);

const projects = ['packages/*', 'apps/*', 'bench', 'scripts', '.']
  .flatMap((folder) => globSync(`${folder}/tsconfig*.json`, { cwd: root }))
  .filter((file) => file !== 'tsconfig.base.json')
  .sort();
const untyped = globSync(['packages/*', 'apps/*', 'bench', 'scripts'], { cwd: root }).filter(
  (folder) => !existsSync(join(root, folder, 'tsconfig.json')),
);

const jobs = [
  { title: 'biome', command: bin('biome'), args: ['check', '--no-errors-on-unmatched', '.'] },
  ...projects.map((file) => ({
    title: `types of ${dirname(file)} (${file})`,
    command: bin('tsc'),
    args: ['-p', file],
  })),
];

let failed = untyped.length;
for (const folder of untyped)
  console.error(`${folder} has no tsconfig.json: nothing checks its types`);
const queue = [...jobs];
await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));

console.log(
  failed === 0
    ? `check: biome and the types of ${projects.length} projects are in order`
    : `check: ${failed} of ${jobs.length} checks failed`,
);
process.exitCode = failed === 0 ? 0 : 1;

async function work() {
  for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
    const { code, output } = await run(job);
    if (code !== 0) {
      failed += 1;
      console.error(`\n${job.title}:\n${output.trim()}`);
    }
  }
}

function run({ command, args }) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  return new Promise((resolve) => {
    let output = '';
    const keep = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
