import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandCommand, parseDesktopEntry } from './desktop-entry.ts';
import { splitCommand } from './split-command.ts';

const entry = (...lines: string[]) =>
  parseDesktopEntry(['[Desktop Entry]', 'Type=Application', 'Name=Telex', ...lines].join('\n'));
const words = (exec: string, link?: string) => {
  const parsed = entry(`Exec=${exec}`);
  return parsed === undefined ? undefined : expandCommand(parsed, '/a/telex.desktop', link);
};
const LINK = 'telex://org/o/channel/c/thread/t';

test.each([
  ['/opt/telex/telex', ['/opt/telex/telex']],
  ['"/opt/My Apps/telex" --dark', ['/opt/My Apps/telex', '--dark']],
  // What the specification escapes inside quotes is escaped once more as a value of the file.
  [String.raw`"/opt/a\\"b/\\$x\\\\y"`, ['/opt/a"b/$x\\y']],
  ['/opt/telex/telex;rm -rf $HOME|x', ['/opt/telex/telex;rm', '-rf', '$HOME|x']],
  ['/opt/telex 100%% --icon-of', ['/opt/telex', '100%', '--icon-of']],
  ['telex %d %D %n %N %v %m end', ['telex', 'end']],
  ['telex %c %k', ['telex', 'Telex', '/a/telex.desktop']],
])('Exec %s becomes its words, whatever a shell would make of it', (exec, expected) => {
  expect(words(exec)).toEqual(expected);
});

test.each([
  ['telex %u', ['telex', LINK], ['telex']],
  ['telex %U --x', ['telex', LINK, '--x'], ['telex', '--x']],
  ['telex --url=%u', ['telex', `--url=${LINK}`], ['telex', '--url=']],
  ['telex', ['telex', LINK], ['telex']],
  [
    'flatpak run app @@u %u @@',
    ['flatpak', 'run', 'app', '@@u', LINK, '@@'],
    ['flatpak', 'run', 'app', '@@u', '@@'],
  ],
])('a link goes where %s wants it', (exec, withLink, without) => {
  expect(words(exec, LINK)).toEqual(withLink);
  expect(words(exec)).toEqual(without);
});

test('[M5] a link that looks like field codes or quotes is one word', () => {
  const odd = 'telex://org/%k %u" ; rm';
  expect(words('telex %u', odd)).toEqual(['telex', odd]);
});

test.each([
  ['nothing to run', 'Exec='],
  ['a quote without an end', 'Exec="telex'],
  ['an escape without an end', 'Exec=telex \\\\'],
  ['an unknown field code', 'Exec=telex %z'],
  ['a program that is a field code', 'Exec=%u'],
  ['too many words', `Exec=${'a '.repeat(100)}`],
  ['a terminal program', 'Exec=telex\nTerminal=true'],
  ['an entry that was taken away', 'Exec=telex\nHidden=true'],
  ['keys of an action only', '[Desktop Action new]\nExec=telex'],
])('an entry with %s is none', (_what, lines) => {
  expect(entry(lines)).toBeUndefined();
});

test('keys of actions and repeated keys change nothing; Path must be absolute', () => {
  const parsed = entry('Exec=telex', 'Exec=evil', 'Path=tmp', '[Desktop Action a]', 'Exec=evil');
  expect(parsed).toMatchObject({ command: ['telex'], folder: undefined });
});

test('what is no application is none', () => {
  expect(parseDesktopEntry('[Desktop Entry]\nType=Link\nExec=telex')).toBeUndefined();
  expect(parseDesktopEntry('Type=Application\nExec=telex')).toBeUndefined();
});

test('no text makes the parser throw, and no word comes from nowhere', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const parsed = entry(`Exec=${text}`);
      if (parsed === undefined) return;
      expect(expandCommand(parsed, undefined, LINK).length).toBeGreaterThan(0);
    }),
  );
});

test('words in single quotes come back as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (given) => {
      const line = given.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
      expect(splitCommand(line)).toEqual(given);
    }),
  );
});
