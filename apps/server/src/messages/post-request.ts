import { hash } from 'node:crypto';

/** Who posts. A webhook's name is that of the post. */
export type Author =
  | { readonly kind: 'user'; readonly userId: string }
  | {
      readonly kind: 'webhook';
      readonly webhookId: string;
      readonly name: string;
      readonly eventName: string;
      readonly status: string;
    };

/** One message to be posted, checked for its form alone. */
export interface PostRequest {
  readonly channelId: string;
  /** Without it the message opens a thread. */
  readonly threadId: string | undefined;
  readonly content: string;
  readonly author: Author;
  readonly idempotencyKey: string | undefined;
}

/** In whose name idempotency keys are unique. */
export function keyOwner(author: Author): string {
  return author.kind === 'user' ? author.userId : author.webhookId;
}

/** Tells the same request from another one under the same key, without keeping its text. */
export function fingerprintOf(request: PostRequest): string {
  const { channelId, threadId, content, author } = request;
  const said = author.kind === 'user' ? [] : [author.name, author.eventName, author.status];
  return hash(
    'sha256',
    JSON.stringify([channelId, threadId ?? null, content, ...said]),
    'base64url',
  );
}
