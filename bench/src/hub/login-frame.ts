import { createHmac } from 'node:crypto';
import type { PushServerPlace } from './messages.ts';

/** Connect and subscribe in one masked frame, with tokens of its own, good for an hour. */
export function loginFrame(
  place: Pick<PushServerPlace, 'connectionSecret' | 'subscriptionSecret'>,
  index: number,
  channels: readonly string[],
): Buffer {
  const user = `user-${index}`;
  const exp = Math.floor(Date.now() / 1000) + 3_600;
  const token = sign({ sub: user, exp, sid: `session-${index}` }, place.connectionSecret);
  const subscribes = channels.map((channel, nth) => {
    const subToken = sign({ sub: user, channel, exp }, place.subscriptionSecret);
    return { id: 2 + nth, subscribe: { channel, token: subToken, flag: 1 } };
  });
  const commands = [{ id: 1, connect: { token, name: 'bench' } }, ...subscribes];
  return commandFrame(commands);
}

/** Commands in one masked text frame. */
export function commandFrame(commands: readonly object[]): Buffer {
  return maskedFrame(commands.map((command) => JSON.stringify(command)).join('\n'));
}

/** A JWT, HS256. */
export function sign(claims: object, secret: string | Uint8Array): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const frame = Buffer.alloc(8 + payload.length);
  frame[0] = 0x81;
  frame[1] = 0x80 | 126;
  frame.writeUInt16BE(payload.length, 2);
  const mask = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  mask.copy(frame, 4);
  for (const [index, byte] of payload.entries()) frame[8 + index] = byte ^ (mask[index & 3] ?? 0);
  return frame;
}
