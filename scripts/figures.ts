// Writes the README's table of figures from bench/figures.jsonl, where `npm run bench -- NAME --json` has appended them:
//
//   npm run --silent bench -- hub --json >> bench/figures.jsonl && node scripts/figures.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withFigures } from './figures-table.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = `${root}README.md`;
const figures = readFileSync(`${root}bench/figures.jsonl`, 'utf8');
writeFileSync(readme, withFigures(readFileSync(readme, 'utf8'), figures));
