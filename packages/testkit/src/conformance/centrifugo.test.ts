import { expect, test } from 'vitest';
import { centrifugoCommand } from '../push-servers/push-commands.ts';
import { conformance } from './conformance.ts';
import { centrifugoTarget } from './targets.ts';

const centrifugo = centrifugoTarget();
if (centrifugo === undefined) {
  console.info(
    'centrifugo is neither on the PATH nor named by CENTRIFUGO_BIN: the suite runs on the others',
  );
} else {
  conformance(centrifugo);
}

test('the suite runs on the real Centrifugo wherever there is one', () => {
  expect(centrifugo === undefined).toBe(centrifugoCommand() === undefined);
  expect(() => centrifugoCommand({ CENTRIFUGO_BIN: '/nowhere/centrifugo' })).toThrow(
    /CENTRIFUGO_BIN/,
  );
});
