import type { Migration } from './migration.ts';
import { accountsAndChannels } from './migrations/0001-accounts-and-channels.ts';
import { messagesAndEvents } from './migrations/0002-messages-and-events.ts';

/** Every step of the schema, in order. */
export const migrations: readonly Migration[] = [accountsAndChannels, messagesAndEvents];
