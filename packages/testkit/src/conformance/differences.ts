/**
 * Where our hub behaves otherwise than Centrifugo on purpose. A case that meets one asks which manner its
 * target has and expects that one. The reasons stand in the hub's SPEC.md, "Where it differs", under the same ids.
 */
export const differences = {
  'connect-subs-tokens': 'tokens in connect.subs make server-side subscriptions',
  'sub-refresh-expired': 'sub_refresh with an expired token ends the subscription',
  'keys-unavailable': 'a token whose key cannot be fetched now is put off, not refused',
  'rest-of-frame': 'after a fatal command nothing more of its message is answered',
  'api-checks': 'the API refuses what would reach the wrong clients or be misread by them',
  'api-key-missing': 'a configuration without a key of the API is refused',
  'subscribe-by-api-recovers': 'what a subscribe by the API recovers is pushed',
} as const satisfies Record<string, string>;

export type DifferenceId = keyof typeof differences;
