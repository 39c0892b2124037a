import { LOG_LEVELS } from './config/keys.ts';

export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line of JSON for each call. Fields hold no token, key or payload. */
export type Log = (
  level: Exclude<LogLevel, 'none'>,
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

export function createLog(least: LogLevel, write: (line: string) => void): Log {
  const threshold = LOG_LEVELS.indexOf(least);
  return (level, message, fields = {}) => {
    if (least === 'none' || LOG_LEVELS.indexOf(level) < threshold) return;
    const time = new Date().toISOString();
    write(`${JSON.stringify({ level, time, ...fields, message })}\n`);
  };
}
