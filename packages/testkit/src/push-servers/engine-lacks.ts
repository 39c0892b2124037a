/**
 * What the reference server (`packages/testkit/engine`) lacks of Centrifugo, by the names of the conformance suite's capabilities, each with
 * the reason. What needs one of these runs on the hub and on the real Centrifugo.
 */
export const engineLacks = {
  'api-batch': 'the program has no batch: it would be ours, not the engine',
  'asymmetric-keys': 'the program takes shared keys alone',
  'channel-regex': 'Centrifugo checks names outside its engine',
  'connection-rate-limit': 'Centrifugo limits connections outside its engine',
  'epoch-in-first-push': 'v0.38.0 of the engine does not say it there',
  'insecure-modes': 'Centrifugo has these outside its engine',
  jwks: 'the program takes shared keys alone',
  'key-rotation': 'the program takes one key of a kind',
  metrics: 'the program has no /metrics',
  'publication-data-format': 'Centrifugo checks data outside its engine',
  'reject-unrecovered': 'v0.38.0 of the engine does not know flag 2',
  'user-limited-channels': 'Centrifugo reads the # of a name outside its engine',
} as const satisfies Readonly<Record<string, string>>;
