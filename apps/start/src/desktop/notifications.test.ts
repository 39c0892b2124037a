import { createTerminalDesktop } from './terminal/terminal-desktop.ts';
import { createFakeNotifications } from './test/fake-notifications.ts';
import { createFakeInput, createFakeOutput } from './test/fake-terminal.ts';
import { notificationsContract } from './test/notifications-contract.ts';

notificationsContract('the fake', () => {
  const notifications = createFakeNotifications();
  return {
    notifications,
    seen: () => notifications.shown.map(({ title, body }) => `${title}\n${body}`).join('\n'),
  };
});

notificationsContract('the terminal', () => {
  const output = createFakeOutput(false);
  const { notifications } = createTerminalDesktop(createFakeInput(false), output, () => 0);
  return { notifications, seen: () => output.text() };
});
