import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFakeInput, createFakeOutput } from '../test/fake-terminal.ts';
import { emptyLine, type } from './line-editor.ts';
import { askCredentials, createTerminalLogin } from './login-dialog.ts';
import { createPrompt } from './prompt.ts';
import { createScreen } from './screen.ts';

const CLEAR_LINE = '\r\u001b[K';

function terminal() {
  const input = createFakeInput(true);
  const output = createFakeOutput(true);
  const screen = createScreen(output);
  const prompt = createPrompt(input, screen);
  const abort = new AbortController();
  const ask = (email?: string) =>
    askCredentials(prompt, screen, { server: 'https://telex.example', email }, abort.signal);
  const login = createTerminalLogin(prompt, screen, () => {});
  return { input, output, screen, login, abort, ask };
}

describe('the login dialog', () => {
  test('e-mail and password are asked for, and the password is never shown', async () => {
    const { input, output, ask } = terminal();
    const answer = ask();
    input.type('ann@example.org\r');
    await output.until('Password');
    expect(input.isRaw).toBe(true);
    input.type('hunter2');
    input.type('\r');
    expect(await answer).toEqual({
      server: 'https://telex.example',
      email: 'ann@example.org',
      password: 'hunter2',
    });
    expect(output.text()).toContain('Sign in to telex.example (Ctrl-C cancels).');
    expect(output.text()).toContain('E-mail: ann@example.org');
    expect(output.text()).not.toContain('hunter2');
    expect(output.text()).not.toMatch(/h.?u.?n.?t.?e.?r/);
    expect(input.isRaw).toBe(false);
  });

  test('both may be pasted at once', async () => {
    const { input, output, ask } = terminal();
    const answer = ask();
    input.type('ann@example.org\r\nhunter2\r\n');
    expect(await answer).toEqual({
      server: 'https://telex.example',
      email: 'ann@example.org',
      password: 'hunter2',
    });
    expect(output.text()).not.toContain('hunter2');
  });

  test('an empty answer takes the known address', async () => {
    const { input, output, ask } = terminal();
    const answer = ask('ann@example.org');
    expect(output.text()).toContain('E-mail [ann@example.org]: ');
    input.type('\rhunter2\r');
    expect(await answer).toEqual({
      server: 'https://telex.example',
      email: 'ann@example.org',
      password: 'hunter2',
    });
  });

  test('backspace takes back a whole character, Ctrl-U the line, arrow keys do nothing', async () => {
    const { input, ask } = terminal();
    const answer = ask();
    input.type('typo\u0015ann@example.org\u001b[D\u001bOA\r');
    input.type('päß😀\u007f\u007fs\r');
    expect(await answer).toEqual({
      server: 'https://telex.example',
      email: 'ann@example.org',
      password: 'päs',
    });
  });

  test('a character that is split over two reads is put together', async () => {
    const { input, ask } = terminal();
    const answer = ask('ann@example.org');
    const bytes = Buffer.from('\rpäss\r');
    input.type(bytes.subarray(0, 3));
    input.type(bytes.subarray(3));
    expect(await answer).toMatchObject({ password: 'päss' });
  });

  test.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('%s cancels at either question', async (_name, key) => {
    for (const before of ['', 'ann@example.org\r']) {
      const { input, ask } = terminal();
      const answer = ask();
      input.type(before + key);
      expect(await answer).toBe('cancelled');
      expect(input.isRaw).toBe(false);
    }
  });

  test('the end of the input cancels', async () => {
    const { input, ask } = terminal();
    const answer = ask();
    input.end();
    expect(await answer).toBe('cancelled');
  });

  test('a signal takes the question away', async () => {
    const { ask, abort, output } = terminal();
    const answer = ask();
    abort.abort();
    expect(await answer).toBe('cancelled');
    expect(output.text().endsWith(CLEAR_LINE)).toBe(true);
  });

  test('what is printed meanwhile appears above the question, which stays', async () => {
    const { input, output, screen, ask } = terminal();
    const answer = ask();
    input.type('ann');
    screen.print('12:00  — Offline.');
    expect(output.text().endsWith(`${CLEAR_LINE}12:00  — Offline.\nE-mail: ann`)).toBe(true);
    input.type('\u0003');
    await answer;
  });

  test('after a cancelled login, Enter brings it back and Ctrl-C does not', async () => {
    const { input, login, abort } = terminal();
    const again = login.wanted(abort.signal);
    input.type('\r');
    expect(await again).toBe(true);
    const enough = login.wanted(abort.signal);
    input.type('\u0003');
    expect(await enough).toBe(false);
  });
});

test('whatever is typed, a line ends, is cancelled or stays within its bound', () => {
  const seed = Number(process.env.TELEX_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`line editor: seed ${seed} (TELEX_SEED repeats it)`);
  const key = fc.oneof(
    fc.constantFrom(
      '\r',
      '\n',
      '\u0003',
      '\u0004',
      '\u007f',
      '\u0015',
      '\u001b',
      '\u001b[',
      'x'.repeat(2_000),
    ),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  fc.assert(
    fc.property(fc.array(key, { maxLength: 30 }), (keys) => {
      let line = emptyLine;
      for (const each of keys) {
        const step = type(line, each);
        if (step.kind !== 'editing') return;
        line = step.line;
        expect(line.text.length).toBeLessThanOrEqual(1_025);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
        expect(line.text).not.toMatch(/[\u0000-\u001f\u007f]/);
      }
    }),
    { seed, numRuns: 2_000 },
  );
});
