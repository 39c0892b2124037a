import { faultTable } from '@telex/client';
import { expect, test } from 'vitest';
import { signInSentence } from './sign-in-sentence.ts';

test('why signing in failed never promises another try', () => {
  for (const code of [
    'unreachable',
    'unavailable',
    'no_network',
    'timeout',
    'server_error',
  ] as const) {
    const sentence = signInSentence({ code, sentence: faultTable[code].sentence });
    expect(sentence).toMatch(/[Tt]ry again|Check/);
    expect(sentence).not.toContain('by itself');
  }
});
