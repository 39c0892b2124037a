/** `auto`: the desktop session where there is one, else the terminal. */
export const desktopChoices = ['auto', 'linux', 'terminal'] as const;
export type DesktopChoice = (typeof desktopChoices)[number];
