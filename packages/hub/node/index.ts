export { type AttachOptions, attachHub } from './attach-hub.ts';
export { nodeClock } from './clock.ts';
export { type Claims, createJwtVerifier, type JwtVerifierOptions } from './jwt-verifier.ts';
export { nodePorts } from './node-ports.ts';
