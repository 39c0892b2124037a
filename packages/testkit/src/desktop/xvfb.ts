import { once } from 'node:events';
import { type Part, startPart } from './part.ts';

/** A display in memory, 1280×800, that nobody else can see. */
export interface Xvfb extends Part {
  /** `:99` */
  readonly display: string;
}

export async function startXvfb(): Promise<Xvfb> {
  let number = '';
  const part = await startPart({
    program: 'Xvfb',
    package: 'xvfb',
    // It looks for a free number itself.
    arguments: ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'],
    env: process.env,
    async ready(pipe, signal) {
      number = '';
      pipe.setEncoding('utf8').on('data', (chunk: string) => {
        number += chunk;
      });
      while (!number.endsWith('\n')) await once(pipe, 'data', { signal });
    },
  });
  return Object.defineProperties(part, {
    display: { get: () => `:${number.trim()}` },
  }) as Xvfb;
}
