/** What can hold the WebSockets behind a `telex-server`. */
export const pushKinds = [
  'hub',
  'engine',
  'engine-redis',
  'centrifugo',
  'centrifugo-redis',
] as const;

/** `hub`: the one inside the server's process. `engine`: the reference server. `-redis`: with a Redis of its own. */
export type PushKind = (typeof pushKinds)[number];

/** Throws a sentence that names them all. */
export function readPushKind(text: string): PushKind {
  const kind = pushKinds.find((one) => one === text);
  if (kind === undefined) {
    throw new Error(`"${text}" is no push server; known are ${pushKinds.join(', ')}`);
  }
  return kind;
}
