import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StartError } from '../errors.ts';
import { commands, parseArguments } from './arguments.ts';
import { helpText } from './help.ts';

const seed = Number(process.env.TELEX_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`command line: seed ${seed} (TELEX_SEED repeats it)`);

test('run is the command where none is named', () => {
  expect(parseArguments([])).toEqual({ command: 'run', desktop: 'auto' });
  expect(parseArguments(['--server', 'https://a.example'])).toEqual({
    command: 'run',
    server: 'https://a.example',
    desktop: 'auto',
  });
});

test('flags are taken with a space or an equals sign', () => {
  const words = [
    'run',
    '--server=https://a',
    '--credentials-fd',
    '3',
    '--report-fd=4',
    '--state',
    's',
    '--desktop=terminal',
  ];
  expect(parseArguments(words)).toEqual({
    command: 'run',
    server: 'https://a',
    credentialsFd: 3,
    reportFd: 4,
    state: 's',
    desktop: 'terminal',
  });
  expect(parseArguments(['status', '--json'])).toEqual({ command: 'status', json: true });
});

test('a word goes before or after the flags, and a flag’s value is none', () => {
  for (const words of [
    ['pause', '30m', '--control', 'dir', '--json'],
    ['pause', '--control', 'dir', '30m', '--json'],
    ['pause', '--json', '--control=dir', '30m'],
  ]) {
    expect(parseArguments(words)).toEqual({
      ...{ command: 'pause', word: '30m', json: true, control: 'dir' },
    });
  }
  expect(parseArguments(['open'])).toEqual({ command: 'open', json: false });
  expect(() => parseArguments(['pause', '30m', '1h'])).toThrow('takes no further words');
});

test.each([
  [
    ['fly'],
    'unknown_command',
    'telex-start has no command "fly". It has: run, status, login, logout, test, open, close, pause, resume, recent, unmute, reconnect, doctor, install, uninstall, exit.',
  ],
  [
    ['status', '--colour'],
    'unknown_flag',
    'telex-start status has no flag --colour. See: telex-start status --help',
  ],
  [
    ['login', 'hunter2'],
    'unknown_flag',
    'telex-start login takes no further words. See: telex-start login --help',
  ],
  [
    ['login', '--password', 'hunter2'],
    'unknown_flag',
    'telex-start login has no flag --password. See: telex-start login --help',
  ],
  [['run', '--server'], 'bad_flag', '--server needs a value after it.'],
  [
    ['run', '--report-fd', '1'],
    'bad_flag',
    '--report-fd needs the number of an open descriptor, 3 or more.',
  ],
  [['run', '--desktop', 'x'], 'bad_flag', '--desktop takes one of auto, linux, terminal.'],
  [['run', '--ca', 'a', '--ca', 'b'], 'bad_flag', '--ca is given twice.'],
  [['status', '--json=yes'], 'bad_flag', '--json takes no value.'],
])('%j is refused as %s with a sentence', (words, code, sentence) => {
  expect(() => parseArguments(words)).toThrow(expect.objectContaining({ code, message: sentence }));
});

test.each(['status --help', 'help', '-h', '--help'])('%s asks for help', (line) => {
  expect(parseArguments(line.split(' ')).command).toBe('help');
});

test('the help names every command, every flag and every exit code', () => {
  const all = helpText(undefined);
  for (const [name, { flags }] of Object.entries(commands)) {
    expect(all).toContain(`  ${name}`);
    const invocation = parseArguments([name, '--help']);
    const text = helpText(invocation.command === 'help' ? invocation.topic : undefined);
    for (const flag of Object.keys(flags)) expect(text).toContain(`--${flag}`);
    const example = /^Example: telex-start (.+)$/m.exec(text)?.[1]?.split(' ') ?? [];
    expect(parseArguments(example)).toMatchObject({ command: name });
  }
  expect(all).toContain('Exit codes:');
});

test('whatever the words, the outcome is a command or a typed error with a printable sentence', () => {
  const word = fc.oneof(
    fc.constantFrom(
      ...Object.keys(commands),
      '--server',
      '--json',
      '--report-fd',
      '--state=',
      '--ca=x',
      '7',
      '__proto__',
      '--constructor',
    ),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (words) => {
      try {
        expect(parseArguments(words).command).toBeTypeOf('string');
      } catch (error) {
        expect(error).toBeInstanceOf(StartError);
        expect((error as StartError).exitCode).toBe(2);
        expect((error as StartError).message).toMatch(/^[\x20-\x7e…]+$/);
      }
    }),
    { seed, numRuns: 2_000 },
  );
});
