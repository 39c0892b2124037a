import { clockTime } from '../../notify/wording.ts';
import type { Desktop } from '../desktop.ts';
import type { Notifications } from '../notifications.ts';
import { createTerminalLogin } from './login-dialog.ts';
import { createPrompt, type Input } from './prompt.ts';
import { createScreen, type Output } from './screen.ts';

const INDENT = '         ';

/** A terminal as the desktop: every notification and every change of state is printed. */
export function createTerminalDesktop(
  input: Input,
  output: Output,
  unixMs: () => number = Date.now,
): Desktop {
  const screen = createScreen(output);
  let lastStatus = '';
  const say = (sentence: string) => screen.print(`${clockTime(unixMs())}  — ${sentence}`);
  // Most of what goes wrong has been said as the state already.
  const tellOutcome = (sentence: string) => {
    if (sentence !== lastStatus) say(sentence);
  };
  return {
    notifications: createTerminalNotifications(screen.print, screen.bell, unixMs),
    show({ status: { sentence, unread } }) {
      if (sentence !== lastStatus)
        say(unread === 0 ? sentence : `${sentence} ${unreadPart(unread)}`);
      lastStatus = sentence;
    },
    say,
    listen: () => {},
    login:
      input.isTTY === true && screen.isTerminal
        ? createTerminalLogin(createPrompt(input, screen), screen, tellOutcome)
        : undefined,
    close: () => screen.endQuestion(),
  };
}

function unreadPart(unread: number): string {
  return unread === 1 ? '1 thread is unread.' : `${unread} threads are unread.`;
}

/** What is printed can't be taken back, so closing only forgets the bubble. */
function createTerminalNotifications(
  print: (text: string) => void,
  bell: () => void,
  unixMs: () => number,
): Notifications {
  return {
    show(_bubble, { title, body, content, sound }) {
      const time = 'sentAtUnixMs' in content ? content.sentAtUnixMs : unixMs();
      if (sound) bell();
      print(`${clockTime(time)}  ● ${title}\n${INDENT}${body}`);
    },
    close: () => {},
    listen: () => {},
    capabilities: new Set(['sound']),
  };
}
