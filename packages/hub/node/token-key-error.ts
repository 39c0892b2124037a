const meanings = {
  empty_secret: 'is empty. Give the secret that tokens are signed with, or leave it out',
  no_public_key:
    'is no public key. Give one as PEM ("-----BEGIN PUBLIC KEY-----") or a certificate',
  private_key:
    'is a private key. Give the public one alone, and keep the private one where tokens are made',
  wrong_kind_of_key: 'is a key of another kind than its name says',
  bad_endpoint: 'must be an address with http:// or https:// and without {{templates}}',
} as const satisfies Record<string, string>;

export type TokenKeyErrorCode = keyof typeof meanings;

/** A key in the options that can't be used. The message names the option, never the key. */
export class TokenKeyError extends Error {
  override readonly name = 'TokenKeyError';
  readonly code: TokenKeyErrorCode;
  /** The option, like `rsaPublicKey`. */
  readonly option: string;
  constructor(code: TokenKeyErrorCode, option: string) {
    super(`${option} ${meanings[code]}.`);
    this.code = code;
    this.option = option;
  }
}
