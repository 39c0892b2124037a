// Desktop entries as the Desktop Entry Specification 1.4 has them, and as the Autostart Specification takes them.

/** The entry of the applications menu. @param launcher absolute path of the program. */
export function applicationEntry(launcher: string): string {
  return entry([
    ...common(launcher),
    'Categories=Network;InstantMessaging;',
    'Keywords=telex;chat;messages;notifications;',
  ]);
}

/** The entry that starts it with the session: hidden, it asks to sign in by its own window. */
export function autostartEntry(launcher: string): string {
  return entry([...common(launcher), 'X-GNOME-Autostart-enabled=true']);
}

function common(launcher: string): string[] {
  return [
    'Type=Application',
    'Version=1.4',
    'Name=Telex Start',
    'GenericName=Notifications of Telex',
    'Comment=Tells you when something is unread in Telex',
    `Exec=${value(`${quoted(launcher)} run`)}`,
    `TryExec=${value(launcher)}`,
    'Icon=telex-start',
    'Terminal=false',
    'StartupNotify=false',
  ];
}

function entry(lines: readonly string[]): string {
  return `[Desktop Entry]\n${lines.join('\n')}\n`;
}

/** One word of `Exec`: quoted, what is special inside quotes escaped, and a per cent sign doubled. */
function quoted(word: string): string {
  return `"${word.replace(/["`$\\]/g, (special) => `\\${special}`).replaceAll('%', '%%')}"`;
}

/** A string as a value of the file. */
function value(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}
