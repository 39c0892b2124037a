/**
 * How Node runs Telex Start: it waits most of its life, and memory counts more than speed.
 *
 * Measured, signed in with 10 organisations over TLS: anonymous memory 20 → 15 MB; growth in a burst of 1,000 messages
 * 8 → 4 MB, at the same CPU time: what the optimising compilers take to warm up, they would not give back.
 */
export const nodeFlags = [
  '--max-semi-space-size=1',
  '--no-opt',
  '--no-maglev',
  // No threads of V8's own, and no memory for each of them.
  '--single-threaded-gc',
  '--v8-pool-size=0',
  // For giving memory back when nothing goes on.
  '--expose-gc',
];
