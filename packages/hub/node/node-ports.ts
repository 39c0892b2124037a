import { frameHeadBytes, type HubOptions, writeFrameHead } from '../src/index.ts';
import { nodeClock } from './clock.ts';

/** What a hub needs of Node: `createHub({ ...nodePorts, verifier })`. */
export const nodePorts: Pick<HubOptions, 'clock' | 'random' | 'encodeFrame'> = {
  clock: nodeClock,
  random: Math.random,
  encodeFrame,
};

/** As `textFrame`, without the detour over a second array; sockets write a Buffer as it is. */
function encodeFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const head = frameHeadBytes(length);
  const frame = Buffer.allocUnsafe(head + length);
  writeFrameHead(frame, length);
  frame.write(text, head);
  return frame;
}
