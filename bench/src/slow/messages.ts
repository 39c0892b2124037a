/** What the slow bench and its slow readers' process say to each other, over Node's IPC channel. */
import type { PushServerPlace } from '../hub/messages.ts';

export type SlowCommand =
  /** Connects the quick readers, which stay. */
  | { readonly kind: 'begin'; readonly place: PushServerPlace; readonly quick: number }
  /** Publishes the large messages for a time; so many slow readers are there meanwhile. */
  | { readonly kind: 'burden'; readonly slow: number; readonly seconds: number };

export type SlowReport =
  | { readonly kind: 'begun'; readonly failed: number }
  | {
      readonly kind: 'over';
      /** Ends that slow readers saw, by close code; 1006: without a close frame. */
      readonly ends: Readonly<Record<number, number>>;
      readonly reconnects: number;
      /** Large messages that the quick readers should have had, and had. */
      readonly expected: number;
      readonly delivered: number;
    };

export const BURDEN_CHANNEL =
  '0198f3a0-2222-7aaa-8aaa-000000000002/0198f3a0-1111-7aaa-8aaa-burden000000';
