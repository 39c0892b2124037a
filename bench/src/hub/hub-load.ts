// The load generator, a process of its own: raw TCP sockets, tokens signed beforehand, no JSON parsed.
import { createHmac } from 'node:crypto';
import { LoadConnection } from './load-connection.ts';
import { channelOf, type LoadCommand, type LoadReport } from './messages.ts';

type Connect = LoadCommand & { kind: 'connect' };

let delivered = 0;
let awaited = Number.POSITIVE_INFINITY;
const connections: LoadConnection[] = [];

process.on('message', (command: LoadCommand) => {
  if (command.kind === 'connect') connectAll(command);
  else {
    awaited = command.deliveries;
    checkDelivered();
  }
});
process.on('disconnect', () => process.exit());

function report(message: LoadReport): void {
  process.send?.(message);
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function onDelivery(): void {
  delivered += 1;
  if (delivered >= awaited) checkDelivered();
}

function checkDelivered(): void {
  if (delivered < awaited) return;
  awaited = Number.POSITIVE_INFINITY;
  report({
    kind: 'delivered',
    cpuMicros: cpuMicros(),
    atMs: performance.timeOrigin + performance.now(),
  });
}

function connectAll(command: Connect): void {
  const { count, first, atOnce, port, isTls } = command;
  const frames = Array.from({ length: count }, (_, index) => loginFrame(command, first + index));
  report({ kind: 'prepared' });
  const startedAt = performance.now();
  const cpuBefore = cpuMicros();
  let next = 0;
  let done = 0;
  let failed = 0;
  const one = () => {
    const frame = frames[next];
    if (frame === undefined) return;
    const index = next;
    next += 1;
    connections.push(
      new LoadConnection({
        port,
        isTls,
        // Several source addresses, so that ports do not run short.
        localAddress: `127.0.0.${2 + (index % 8)}`,
        login: frame,
        onDelivery,
        onReady: (isSubscribed) => {
          done += 1;
          failed += isSubscribed ? 0 : 1;
          if (done < count) one();
          else {
            const tookMs = performance.now() - startedAt;
            report({ kind: 'connected', tookMs, failed, cpuMicros: cpuMicros() - cpuBefore });
          }
        },
      }),
    );
  };
  for (let index = 0; index < Math.min(atOnce, count); index += 1) one();
}

/** Connect and subscribe in one masked frame. */
function loginFrame(command: Connect, index: number): Buffer {
  const user = `user-${index}`;
  const channel = channelOf(index, command.isPersonal);
  const exp = Math.floor(Date.now() / 1000) + 3_600;
  const token = sign({ sub: user, exp, sid: `session-${index}` }, command.connectionSecret);
  const subToken = sign({ sub: user, channel, exp }, command.subscriptionSecret);
  const connect = { id: 1, connect: { token, name: 'bench' } };
  const subscribe = { id: 2, subscribe: { channel, token: subToken, flag: 1 } };
  return maskedFrame(`${JSON.stringify(connect)}\n${JSON.stringify(subscribe)}`);
}

function sign(claims: object, secret: string): string {
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
