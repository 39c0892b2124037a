export { type ApiHandler, type ApiHandlerOptions, createApiHandler } from './api-handler.ts';
export { type AttachOptions, attachHub } from './attach-hub.ts';
export { nodeClock } from './clock.ts';
export { readHs256, signHs256 } from './hs256.ts';
export type { JwksOptions } from './jwks.ts';
export type { Claims } from './jwt-text.ts';
export {
  createJwtVerifier,
  type JwtVerifierOptions,
  type TokenKind,
  type TokenRules,
} from './jwt-verifier.ts';
export { nodePorts } from './node-ports.ts';
export { isOwnOrigin } from './own-origin.ts';
export { processFigures } from './process-figures.ts';
export type { UpgradeRequest } from './read-handshake.ts';
export { TokenKeyError, type TokenKeyErrorCode } from './token-key-error.ts';
export type { TokenKeys } from './token-keys.ts';
export { refuseUpgrade } from './upgrade.ts';
