// Preloaded (`node --import`) into a program that must not outlive the process that started it: that one holds the other
// end of a pipe, whose number is in TELEX_LEASH_FD. When the pipe closes, however its owner died, the program is asked to
// stop, and made to if it has not done so in time.
import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';

const graceMs = 10_000;
const fd = Number(process.env.TELEX_LEASH_FD);
// Worker threads get the same preloads, but share the process.
if (isMainThread && Number.isInteger(fd) && fd > 2) {
  delete process.env.TELEX_LEASH_FD;
  const leash = new Socket({ fd, readable: true, writable: false });
  leash.on('error', () => {});
  leash.on('close', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.exit(1), graceMs).unref();
  });
  leash.resume();
  leash.unref();
}
