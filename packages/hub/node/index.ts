export { type ApiHandler, type ApiHandlerOptions, createApiHandler } from './api-handler.ts';
export { type AttachOptions, attachHub } from './attach-hub.ts';
export { nodeClock } from './clock.ts';
export { type Claims, readHs256, signHs256 } from './hs256.ts';
export { createJwtVerifier, type JwtVerifierOptions } from './jwt-verifier.ts';
export { nodePorts } from './node-ports.ts';
export { isOwnOrigin } from './own-origin.ts';
export { refuseUpgrade } from './upgrade.ts';
