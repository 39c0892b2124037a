/** How long a pause lasts. */
export type PauseLength = '30m' | '1h' | 'tomorrow';

/** Where a notification leads: as much as is known of it. */
export interface ThreadTarget {
  readonly organisationId: string;
  readonly channelId: string | undefined;
  readonly threadId: string | undefined;
}

/** What a person can ask Telex Start for: by the tray's menu, a notification's action or a command. */
export type MenuCommand =
  /** Opens the login dialog, also while somebody is signed in. */
  | { readonly kind: 'login' }
  | { readonly kind: 'logout' }
  /** The main app; with a target, that thread in it. */
  | { readonly kind: 'open'; readonly target?: ThreadTarget }
  | { readonly kind: 'close-main-app' }
  | { readonly kind: 'test' }
  | { readonly kind: 'pause'; readonly length: PauseLength }
  | { readonly kind: 'resume' }
  /** Takes back a mute; the scope is one of `Status.muted`. */
  | { readonly kind: 'unmute'; readonly scope: string }
  | { readonly kind: 'reconnect' }
  | { readonly kind: 'exit' };
