import { pino } from 'pino';
import type { LOG_LEVELS } from '../config/options.ts';
import type { Log } from './log.ts';

/** Nobody should log these; whoever does all the same, logs `[redacted]`. */
const SECRETS = [
  'password',
  'old_password',
  'new_password',
  'token',
  'access_token',
  'refresh_token',
  'notification_token',
  'authorization',
  'x-notification-token',
  'webhook_slug',
  'webhook_url',
  'slug',
  'body',
  'headers',
];

/** JSON lines on stderr, written before the call returns, so that none is lost in a crash. */
export function createLog(level: (typeof LOG_LEVELS)[number]): Log {
  const destination = pino.destination({ fd: 2, sync: true });
  // Whoever read stderr has gone: that is no reason to end.
  destination.on('error', () => {});
  const quoted = SECRETS.map((key) => (/^\w+$/.test(key) ? key : `["${key}"]`));
  const nested = SECRETS.map((key) => (/^\w+$/.test(key) ? `*.${key}` : `*["${key}"]`));
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...quoted, ...nested], censor: '[redacted]' },
    },
    destination,
  );
}
