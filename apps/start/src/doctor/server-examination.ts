// The way to the server, step by step: address → name → connection → TLS → Telex → clock.
// The first step that fails says what to do; those after it are skipped.
import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { systemCode } from '../errors.ts';
import type { ServerAddress } from '../settings.ts';
import { askApi } from './ask-api.ts';
import {
  type Examination,
  type Finding,
  failed,
  ok,
  type Report,
  skipped,
  warning,
} from './report.ts';
import { timed } from './timed.ts';
import { tlsFault } from './tls-fault.ts';

export interface ServerExaminationOptions {
  readonly server: ServerAddress | undefined;
  /** Certificate of a private authority in PEM, trusted beside none other, as the session does it. */
  readonly ca: string | undefined;
  readonly unixMs: () => number;
  /** For each step. Default 5,000. */
  readonly limitMs?: number;
}

const DAY_MS = 86_400_000;
/** Certificates are renewed weeks before; what is shorter has been forgotten. */
const SOON_DAYS = 14;
const CLOCK_TOLERANCE_MS = 30_000;
const STEPS = ['name', 'connection', 'TLS', 'Telex API', 'clock'] as const;

export function examineServer(options: ServerExaminationOptions): Examination {
  const { server, ca, unixMs, limitMs = 5_000 } = options;
  return async (tell) => {
    if (server === undefined) {
      const sentence =
        'No server address is known. Sign in by the login dialog, or give it with --server.';
      tell({ check: 'server', ...failed(sentence), ms: 0 });
      return;
    }
    const url = new URL(server.origin);
    tell({ check: 'server', ...ok(`${server.origin} is asked.`), ms: 0 });
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
    const opened: { tcp?: Socket; tls?: TLSSocket } = {};
    let date: string | undefined;

    const steps: Record<(typeof STEPS)[number], (signal: AbortSignal) => Promise<Finding>> = {
      name: () => resolveName(host),
      connection: async (signal) => {
        const socket = await openTcp(host, port, signal);
        if (typeof socket === 'string') return failed(socket);
        opened.tcp = socket;
        return ok(`${socket.remoteAddress ?? host}, port ${port}, answers.`);
      },
      TLS: async (signal) => {
        if (server.isLoopbackHttp) return skipped('Plain HTTP to this machine itself.');
        const tls = await openTls(opened.tcp, { host, ca, signal });
        if (typeof tls === 'string') return failed(tls);
        opened.tls = tls;
        return certificateFinding(tls, unixMs());
      },
      'Telex API': async (signal) => {
        const socket = opened.tls ?? opened.tcp;
        if (socket === undefined) return skipped('There is no connection.');
        const answer = await askApi(socket, url.host, signal);
        date = answer.date;
        return answer.finding;
      },
      clock: async () => clockFinding(date, unixMs()),
    };
    try {
      await runSteps(steps, limitMs, tell);
    } finally {
      opened.tls?.destroy();
      opened.tcp?.destroy();
    }
  };
}

async function runSteps(
  steps: Record<(typeof STEPS)[number], (signal: AbortSignal) => Promise<Finding>>,
  limitMs: number,
  tell: (report: Report) => void,
): Promise<void> {
  let broken: string | undefined;
  for (const check of STEPS) {
    if (broken !== undefined) {
      tell({ check, ...skipped(`Not tried: ${broken} failed.`), ms: 0 });
      continue;
    }
    const report = await timed(check, limitMs, steps[check]);
    if (report.verdict === 'failed') broken = check;
    tell(report);
  }
}

async function resolveName(host: string): Promise<Finding> {
  if (isIP(host) !== 0) return ok('The address is a number; no name has to be found.');
  try {
    const found = await lookup(host, { all: true });
    return ok(`${host} is ${found.map(({ address }) => address).join(', ')}.`);
  } catch (error) {
    return failed(
      `The name ${host} was not found (${systemCode(error) ?? 'unknown fault'}). Check the network connection and the server address.`,
    );
  }
}

function openTcp(host: string, port: number, signal: AbortSignal): Promise<Socket | string> {
  const { promise, resolve } = Promise.withResolvers<Socket | string>();
  const socket = connect({ host, port, signal });
  socket.on('error', (error) => resolve(tcpSentence(systemCode(error), host, port)));
  socket.once('connect', () => resolve(socket));
  return promise;
}

function tcpSentence(code: string | undefined, host: string, port: number): string {
  if (code === 'ECONNREFUSED') {
    return `Nothing listens on ${host}, port ${port}. Is the server running, and is the port right?`;
  }
  return `No connection to ${host}, port ${port} (${code ?? 'unknown fault'}). A firewall or VPN may be in between.`;
}

function openTls(
  tcp: Socket | undefined,
  { host, ca, signal }: { host: string; ca: string | undefined; signal: AbortSignal },
): Promise<TLSSocket | string> {
  const { promise, resolve } = Promise.withResolvers<TLSSocket | string>();
  if (tcp === undefined) return Promise.resolve('There is no connection.');
  const tls = connectTls({
    socket: tcp,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    host,
    ...(ca === undefined ? {} : { ca }),
    ALPNProtocols: ['http/1.1'],
  });
  signal.addEventListener('abort', () => tls.destroy());
  tls.on('error', (error) => resolve(tlsFault(systemCode(error), host, ca !== undefined)));
  tls.once('secureConnect', () => resolve(tls));
  return promise;
}

function certificateFinding(tls: TLSSocket, nowUnixMs: number): Finding {
  const days = Math.floor((Date.parse(tls.getPeerCertificate().valid_to) - nowUnixMs) / DAY_MS);
  const good = `${tls.getProtocol() ?? 'TLS'}; the certificate is trusted`;
  return days < SOON_DAYS
    ? warning(`${good}, but ends in ${days} days. Tell the server's administrator.`)
    : ok(`${good} and good for ${days} days.`);
}

function clockFinding(date: string | undefined, nowUnixMs: number): Finding {
  const server = date === undefined ? Number.NaN : Date.parse(date);
  if (!Number.isFinite(server)) return skipped('The server did not say what time it is.');
  const offMs = nowUnixMs - server;
  // The header counts whole seconds.
  const seconds = Math.round(Math.abs(offMs) / 1000);
  if (Math.abs(offMs) <= CLOCK_TOLERANCE_MS) return ok('This clock and that of the server agree.');
  const how = offMs > 0 ? 'ahead of' : 'behind';
  return warning(
    `This clock is ${seconds} s ${how} that of the server. Times shown are wrong; set the clock by the network.`,
  );
}
