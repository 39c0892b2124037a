import { exitCodes } from '../errors.ts';
import { type CommandName, commands } from './arguments.ts';

/** The help text of a command, or of all. */
export function helpText(topic: CommandName | undefined): string {
  return topic === undefined ? overview() : commandHelp(topic);
}

function overview(): string {
  const lines = Object.entries(commands).map(
    ([name, { summary }]) => `  ${name.padEnd(9)} ${summary}`,
  );
  return [
    'Telex Start tells you when something is unread in Telex.',
    '',
    'Usage: telex-start [COMMAND] [FLAGS]',
    '',
    ...lines,
    '',
    'telex-start COMMAND --help lists the flags of a command.',
    '',
    'The server comes from --server, else TELEX_SERVER, else "server" in start.json, in the folder',
    'telex of the configuration folder ($XDG_CONFIG_HOME or ~/.config). A private certificate',
    'authority comes from --ca, TELEX_CA or "ca" in the same way. Passwords are never read from the',
    'command line or the environment.',
    '',
    'Exit codes:',
    ...exitCodes.map(([code, meaning]) => `  ${code}  ${meaning}`),
    '',
  ].join('\n');
}

function commandHelp(name: CommandName): string {
  const { summary, example, flags, word } = commands[name];
  return [
    `telex-start ${name}: ${summary}`,
    '',
    `Usage: telex-start ${name}${word === undefined ? '' : ` [${word.value}]`} [FLAGS]`,
    '',
    ...(word === undefined ? [] : [`  ${word.value.padEnd(20)} ${word.help}`]),
    ...Object.entries(flags).map(
      ([flag, { value = '', help }]) => `  ${`--${flag} ${value}`.padEnd(20)} ${help}`,
    ),
    '',
    `Example: telex-start ${example}`,
    '',
  ].join('\n');
}
