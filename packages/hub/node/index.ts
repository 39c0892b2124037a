export { type AttachOptions, attachHub } from './attach-hub.ts';
export { nodeClock } from './clock.ts';
export { createJwtVerifier, type JwtVerifierOptions } from './jwt-verifier.ts';
