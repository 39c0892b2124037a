import { readFileSync } from 'node:fs';

const COMPOSE = new URL('../../../../deploy/compose.yaml', import.meta.url);

/**
 * The words that deploy/compose.yaml starts the API nodes or the configuring program with, with other values for some flags.
 *
 * @param values by flag; undefined leaves the flag out
 */
export function composeFlags(
  of: 'node' | 'configure',
  values: Readonly<Record<string, string | undefined>>,
): string[] {
  const text = readFileSync(COMPOSE, 'utf8');
  const start = of === 'node' ? '\nx-node:' : '\n  configure:';
  const [, list = ''] =
    /\n +command:(?: &\w+)?\n((?: +- .*\n)+)/.exec(text.slice(text.indexOf(start))) ?? [];
  return [...list.matchAll(/^ +- (.*)$/gm)].flatMap(([, word = '']) => {
    const [, flag = ''] = /^--([a-z-]+)/.exec(word) ?? [];
    if (!Object.hasOwn(values, flag)) return [word];
    const value = values[flag];
    return value === undefined ? [] : [`--${flag}=${value}`];
  });
}
