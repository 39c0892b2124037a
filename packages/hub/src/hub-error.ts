import { type ErrorName, errors } from './codes.ts';

/** Why the hub does not do what its host asks for; `code` is a key of `errors`. */
export class HubError extends Error {
  override readonly name = 'HubError';
  readonly code: ErrorName;

  /** @param message what is wrong and what to do */
  constructor(code: ErrorName, message: string = errors[code].message) {
    super(message);
    this.code = code;
  }
}
